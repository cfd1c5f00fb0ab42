/**
 * The observer of agents: converts the operations that they report into events for the core. Nothing is
 * patched.
 *
 * The parent of a span is the nearest ancestor scope with a span. A scope without any (its chat started
 * before tracing was enabled) is not recorded, so that half a conversation never becomes a trace.
 *
 * The creation of an agent has no span: it is not part of a conversation.
 */

import type {
  EndDetails,
  MessageEvent,
  ReportTimeNs,
  Scope,
  ScopeKind,
  StartDetails,
} from "../agents/observe/observer.js";
import { loadBridge } from "../bridge/loader.js";
import { traceChanged } from "../export/trace-changes.js";
import { countFailure, guard } from "../util/guard.js";
import { traceEnded } from "../export/exporter.js";
import { isEnabled } from "../util/enablement.js";
import { ambientScope, withScope } from "./context.js";
import { type Conversation, ConversationIds } from "./conversation-ids.js";
import * as events from "./events.js";
import * as operations from "./operations.js";
import * as group from "./group-operations.js";
import { hasContent } from "./completion-fields.js";
import { chatOutputs, unsentReply } from "./python-names.js";
import { ChunkAssembler } from "./third-party/chunk-assembler.js";
import { hasThirdPartyMark } from "./third-party-mark.js";
import { RECORDER, type Recorder, records } from "./recorders.js";
import * as retrieval from "./retrieval-operations.js";
import { parentOf } from "./scope-state.js";
import { beginSpan, endSpan, isUnsampled, nearestKey, nearestKnown, nearestOpen, UNKNOWN } from "./scopes.js";
import { spanListener } from "./span-listener.js";
import { END, setTime, spanAttributes, spanContext, spanEvent, START } from "./span-calls.js";
import { traceHeaders } from "./trace-headers.js";

/** The reporter's state of a scope that has a span. */
interface ReportedScope {
  readonly key: number;
  /** Of a reply: the agent's name. A reply whose message was reported needs no outputs at its end. */
  agent?: string;
  isMessageReported?: boolean;
  /** Of a chat: its start, its conversation (unless it is within another chat), and the listener for its result. */
  chat?: StartDetails["chat"];
  conversation?: Conversation;
  onResult?: ((result: EndDetails["chat"]) => void) | undefined;
  /** Of a queue of chats: the report on it. */
  chats?: operations.ChatQueueReport;
  /** Of a model call: whether the first chunk with content has arrived. */
  hasFirstToken?: boolean;
  /** Of a streamed model call: the chunks that have arrived. */
  assembler?: ChunkAssembler;
}

/** Converts reports into events. Scopes are held weakly: one that never ends leaks nothing. */
export class AgentReporter implements Recorder {
  readonly #reported = new WeakMap<Scope, ReportedScope>();
  readonly #conversations = new ConversationIds();

  /** Whether this copy of the package records the operation of `scope`, or of an ancestor. */
  [RECORDER](scope: Scope): boolean {
    return nearestKnown(scope) !== undefined;
  }

  start<K extends ScopeKind>(scope: Scope & { kind: K }, details: StartDetails[K], timeNs?: ReportTimeNs): void {
    if (!isEnabled()) return;
    guard(() => {
      // Another copy of this package may be attached as well: one of them records.
      if (!records(this, scope.parent ?? ambientScope())) return;
      // Without a core, since the host has refused it, nothing is recorded.
      const key = beginSpan(scope, (parent) =>
        loadBridge() === undefined ? 0 : (SPANS[scope.kind]?.start(parent, details, scope) ?? 0),
      );
      if (key === 0) return;
      setTime(key, START, timeNs);
      const reported: ReportedScope = { key };
      this.#reported.set(scope, reported);
      if (scope.kind === "reply") reported.agent = (details as StartDetails["reply"]).agent.name;
      if (scope.kind === "chats") reported.chats = new operations.ChatQueueReport(details as StartDetails["chats"]);
      if (scope.kind === "chat") this.#chatStarted(scope, reported, details as StartDetails["chat"]);
      spanListener()?.(scope, false);
    });
  }

  end<K extends ScopeKind>(scope: Scope & { kind: K }, details: EndDetails[K], timeNs?: ReportTimeNs): void {
    this.#endScope(scope, timeNs, (reported) => {
      if (scope.kind === "chat") this.#chatEnded(reported, details as EndDetails["chat"]);
      else SPANS[scope.kind]?.end?.(reported.key, details, reported);
    });
  }

  failure(scope: Scope, error: unknown, part?: EndDetails[ScopeKind], timeNs?: ReportTimeNs): void {
    this.#endScope(scope, timeNs, (reported) => {
      reported.chats?.report(reported.key);
      const { assembler } = reported;
      const received = part ?? (assembler && { response: assembler.result(undefined) });
      // A part that cannot be read is no reason to lose the error.
      guard(() => reportPart(scope, reported, received));
      events.failed(reported.key, error);
    });
  }

  #endScope(scope: Scope, timeNs: ReportTimeNs, report: (reported: ReportedScope) => void): void {
    guard(() => {
      const reported = this.#reported.get(scope);
      if (reported === undefined) return;
      spanListener()?.(scope, true);
      const isRoot = endSpan(scope);
      setTime(reported.key, END, timeNs);
      try {
        report(reported);
      } catch (error) {
        countFailure(error);
        events.endedUnread(reported.key, scope.kind);
      }
      if (isRoot) traceEnded();
    });
  }

  message(scope: Scope | undefined, event: MessageEvent): void {
    // A message that the manager of a group chat broadcasts was reported when it was first sent.
    if (scope === undefined || event.broadcastOf !== undefined) return;
    guard(() => {
      const key = nearestKey(scope);
      if (key === UNKNOWN) return;
      events.messageReceived(key, event);
      traceChanged(key);
      const reported = this.#reported.get(scope);
      if (reported !== undefined) reported.isMessageReported = true;
    });
  }

  chunk(scope: Scope, chunk: unknown): void {
    guard(() => {
      const reported = this.#reported.get(scope);
      if (reported === undefined) return;
      // The hooks assemble the chunks of third-party libraries.
      if (!hasThirdPartyMark(scope)) (reported.assembler ??= new ChunkAssembler()).add(chunk);
      if (reported.hasFirstToken || !hasContent(chunk)) return;
      reported.hasFirstToken = true;
      events.firstToken(reported.key);
    });
  }

  around<T>(scope: Scope, work: () => T): T {
    // Operations inside an unsampled trace must be recognized as part of it, too.
    return this.#reported.has(scope) || isUnsampled(scope) ? withScope(scope, work) : work();
  }

  traceContext(scope: Scope): Readonly<Record<string, string>> | undefined {
    let headers: Readonly<Record<string, string>> | undefined;
    // Another copy of this package may record the operation: that one has the context.
    guard(() => (headers = nearestKnown(scope) && traceHeaders(scope)));
    return headers;
  }

  attributes(scope: Scope, attributes: Readonly<Record<string, unknown>>): void {
    this.#whileOpen(scope, (key) => spanAttributes(key, attributes));
  }

  event(scope: Scope, name: string, attributes: Readonly<Record<string, unknown>>): void {
    this.#whileOpen(scope, (key) => spanEvent(key, name, attributes));
  }

  #whileOpen(scope: Scope, report: (key: number) => void): void {
    guard(() => {
      const reported = this.#reported.get(scope);
      if (reported !== undefined && nearestOpen(scope) === scope) report(reported.key);
    });
  }

  #chatStarted(scope: Scope, reported: ReportedScope, details: StartDetails["chat"]): void {
    reported.chat = details;
    if (details.pattern) group.patternNamed(reported.key, details.pattern);
    if (!isInChat(parentOf(scope))) reported.conversation = this.#conversationOf(reported.key, details);
    reported.onResult = scope.parent && this.#reported.get(scope.parent)?.chats?.chatStarted(details);
  }

  #chatEnded(reported: ReportedScope, result: EndDetails["chat"]): void {
    const { chat, conversation } = reported;
    if (chat && conversation)
      this.#conversations.set(chat, { ...conversation, id: conversation.id || String(result.chatId) });
    reported.onResult?.(result);
    events.chatEnded(reported.key, result);
  }

  /** The conversation of a chat: the one that it continues, or a new one, whose id is not known yet. */
  #conversationOf(key: number, details: StartDetails["chat"]): Conversation {
    const earlier = this.#conversations.find(details);
    const traceId = spanContext(key)?.slice(0, 32) ?? "";
    // Within one trace it is one thing already.
    if (earlier !== undefined && earlier.traceId !== traceId) events.chatContinued(key, earlier.id, earlier.traceId);
    return { id: earlier?.id ?? "", traceId };
  }
}

interface SpanReporter<K extends ScopeKind> {
  start(parent: number, details: StartDetails[K], scope: Scope): number;
  end?(key: number, details: EndDetails[K], reported: ReportedScope): void;
  /** The outputs of an operation that failed after a part of its result had come. */
  outputs?(part: EndDetails[K], reported: ReportedScope): unknown;
}

/** The start and end of the span of each kind of operation. */
const SPANS: { readonly [K in ScopeKind]?: SpanReporter<K> } = {
  chats: {
    start: operations.chatsStarted,
    end(key, _, reported) {
      reported.chats?.report(key);
      operations.chatsEnded(key);
    },
  },
  // Its end is `#chatEnded`.
  chat: { start: events.chatStarted, outputs: chatOutputs },
  reply: {
    start: (parent, details, { parent: outer }) => events.replyStarted(parent, details, isInChat(outer)),
    end(key, details, reported) {
      if (details.contextVariables) group.variablesChanged(key, details.contextVariables);
      events.replyEnded(key, reported.isMessageReported ? undefined : reported.agent, details);
    },
    outputs: ({ reply }, { agent, isMessageReported }) =>
      isMessageReported || agent === undefined || reply === undefined ? undefined : unsentReply(agent, reply),
  },
  modelCall: {
    start: events.modelCallStarted,
    end: events.modelCallEnded,
    outputs: ({ response }) => response,
  },
  toolCall: {
    start: events.toolCallStarted,
    end: events.toolCallEnded,
    outputs: events.toolOutputs,
  },
  speakerSelection: { start: operations.selectionStarted, end: operations.selectionEnded },
  humanInput: { start: operations.humanInputStarted, end: operations.humanInputEnded },
  codeExecution: { start: operations.codeExecutionStarted, end: operations.codeExecutionEnded },
  handoff: { start: group.handoffStarted, end: group.handoffEnded },
  guardrail: { start: group.guardrailStarted, end: group.guardrailEnded },
  retriever: {
    start: retrieval.retrieverStarted,
    end: retrieval.retrieverEnded,
    outputs: ({ documents }) => documents,
  },
  embedding: { start: retrieval.embeddingStarted, end: retrieval.embeddingEnded, outputs: ({ response }) => response },
};

/** Reports what had come before an operation failed. */
function reportPart({ kind }: Scope, reported: ReportedScope, part: unknown): void {
  if (part === undefined) return;
  const { outputs } = SPANS[kind as ScopeKind] ?? {};
  events.partReceived(reported.key, outputs?.(part as never, reported));
}

function isInChat(scope: Scope | undefined): boolean {
  let at = scope;
  while (at !== undefined && at.kind !== "chat") at = parentOf(at);
  return at !== undefined;
}
