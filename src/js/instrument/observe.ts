/**
 * Our own agents, seen through their observer seam: reported operations become facts for the core.
 * Nothing is patched.
 *
 * A scope that this file does not know (its chat began before tracing was on) passes its children on
 * to the nearest ancestor that it does know; a scope whose whole line is unknown is left alone, so
 * that half a conversation never becomes a trace.
 *
 * That an agent was created makes no span: it is not part of any conversation yet.
 */

import type {
  AgentObserver,
  EndDetails,
  MessageEvent,
  Scope,
  ScopeKind,
  StartDetails,
} from "../agents/observe/observer.js";
import { loadBridge } from "../bridge/loader.js";
import { traceChanged } from "../export/changes.js";
import { guard } from "../util/guard.js";
import { traceEnded } from "../export/exporter.js";
import { isEnabled } from "../util/switch.js";
import { runWithin } from "./context.js";
import { ConversationIds } from "./conversation-ids.js";
import * as facts from "./facts.js";
import * as operations from "./operations.js";
import { bringsSomething } from "./read.js";
import { begin, ended, isUnsampled, nearestKey, UNKNOWN } from "./scopes.js";

/** What is remembered of a scope that has a span. */
interface Seen {
  readonly key: number;
  /** Whose reply it is. A reply whose message has arrived needs no outputs at its end. */
  agent?: string;
  isDelivered?: boolean;
  /** How a chat began, the conversation that it goes on with, and who waits for its result. */
  chat?: StartDetails["chat"];
  conversationId?: string | undefined;
  onResult?: ((result: EndDetails["chat"]) => void) | undefined;
  /** What is known of several chats that belong together. */
  chats?: operations.ChatsReport;
  /** Whether a streamed answer has begun to arrive. */
  isArriving?: boolean;
}

/** Turns reports into facts. Scopes are remembered weakly: one that never ends leaks nothing. */
export class AgentReporter implements AgentObserver {
  readonly #seen = new WeakMap<Scope, Seen>();
  readonly #conversations = new ConversationIds();

  start<K extends ScopeKind>(scope: Scope & { kind: K }, details: StartDetails[K]): void {
    if (!isEnabled()) return;
    guard(() => {
      // Whoever reports, the core may have been refused by the host: then nothing is recorded.
      const key = begin(scope, (parent) =>
        loadBridge() === undefined ? 0 : (SPANS[scope.kind]?.start(parent, details, scope) ?? 0),
      );
      if (key === 0) return;
      const seen: Seen = { key };
      this.#seen.set(scope, seen);
      if (scope.kind === "reply") seen.agent = (details as StartDetails["reply"]).agent.name;
      if (scope.kind === "chats") seen.chats = new operations.ChatsReport(details as StartDetails["chats"]);
      if (scope.kind === "chat") this.#chatStarted(scope, seen, details as StartDetails["chat"]);
    });
  }

  end<K extends ScopeKind>(scope: Scope & { kind: K }, details: EndDetails[K]): void {
    this.#ended(scope, (seen) => {
      if (scope.kind === "chat") this.#chatEnded(seen, details as EndDetails["chat"]);
      else SPANS[scope.kind]?.end?.(seen.key, details, seen);
    });
  }

  failure(scope: Scope, error: unknown): void {
    this.#ended(scope, (seen) => {
      seen.chats?.tell(seen.key);
      facts.failed(seen.key, error);
    });
  }

  #ended(scope: Scope, tell: (seen: Seen) => void): void {
    guard(() => {
      const seen = this.#seen.get(scope);
      if (seen === undefined) return;
      const isRoot = ended(scope);
      tell(seen);
      if (isRoot) traceEnded();
    });
  }

  message(scope: Scope | undefined, event: MessageEvent): void {
    // What a group chat's manager passes on was said already, by whoever said it.
    if (scope === undefined || event.broadcastOf !== undefined) return;
    guard(() => {
      const key = nearestKey(scope);
      if (key === UNKNOWN) return;
      facts.messageReceived(key, event);
      traceChanged(key);
      const seen = this.#seen.get(scope);
      if (seen !== undefined) seen.isDelivered = true;
    });
  }

  chunk(scope: Scope, chunk: unknown): void {
    guard(() => {
      const seen = this.#seen.get(scope);
      if (seen === undefined || seen.isArriving || !bringsSomething(chunk)) return;
      seen.isArriving = true;
      facts.firstToken(seen.key);
    });
  }

  around<T>(scope: Scope, work: () => T): T {
    // What is done within a trace that is not recorded is to be known as part of it, too.
    return this.#seen.has(scope) || isUnsampled(scope) ? runWithin(scope, work) : work();
  }

  #chatStarted(scope: Scope, seen: Seen, details: StartDetails["chat"]): void {
    seen.chat = details;
    seen.conversationId = this.#conversations.continued(details);
    if (seen.conversationId !== undefined) facts.chatContinues(seen.key, seen.conversationId);
    seen.onResult = scope.parent && this.#seen.get(scope.parent)?.chats?.chatStarted(details);
  }

  #chatEnded(seen: Seen, result: EndDetails["chat"]): void {
    const conversationId = seen.conversationId ?? String(result.chatId);
    if (seen.chat !== undefined) this.#conversations.note(seen.chat, conversationId);
    seen.onResult?.(result);
    facts.chatEnded(seen.key, result, conversationId);
  }
}

interface SpanOf<K extends ScopeKind> {
  start(parent: number, details: StartDetails[K], scope: Scope): number;
  end?(key: number, details: EndDetails[K], seen: Seen): void;
}

/** How the span of each kind of operation begins and ends. */
const SPANS: { readonly [K in ScopeKind]?: SpanOf<K> } = {
  chats: {
    start: operations.chatsStarted,
    end(key, _, seen) {
      seen.chats?.tell(key);
      operations.chatsEnded(key);
    },
  },
  // Its end is a matter of conversations.
  chat: { start: facts.chatStarted },
  reply: {
    start: (parent, details, { parent: outer }) => facts.replyStarted(parent, details, isInChat(outer)),
    end: (key, details, seen) => facts.replyEnded(key, seen.isDelivered ? undefined : seen.agent, details),
  },
  modelCall: { start: facts.modelCallStarted, end: facts.modelCallEnded },
  toolCall: { start: facts.toolCallStarted, end: facts.toolCallEnded },
  speakerSelection: { start: operations.selectionStarted, end: operations.selectionEnded },
  humanInput: { start: operations.humanInputStarted, end: operations.humanInputEnded },
  codeExecution: { start: operations.codeExecutionStarted, end: operations.codeExecutionEnded },
};

function isInChat(scope: Scope | undefined): boolean {
  let at = scope;
  while (at !== undefined && at.kind !== "chat") at = at.parent;
  return at !== undefined;
}
