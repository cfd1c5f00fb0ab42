/** A chat of two agents, from the first message to the result (AG2: `ConversableAgent.initiate_chat`). */

import type { Agent, CallContext, ContextOption } from "../types.js";
import { agentState } from "../agent/agent-state.js";
import { type Cache, setChatCache } from "../models/cache.js";
import type { Carryover } from "./carryover.js";
import { type ChatResult, newChatId } from "./chat-result.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { reply } from "../agent/conversation.js";
import { isCount, invalidOption } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import type { MessageInput } from "../message/message.js";
import { withScope } from "../observe/observer.js";
import { anySignal, listenerIn, OpenScope, runOperation } from "../observe/scope.js";
import { parsedOf } from "./parsed.js";
import { setDependencies } from "../tools/dependencies.js";
import { checkSummaryMethod, summarize, type SummaryMethod } from "./summary.js";
import { emitEvent } from "../observe/emit-event.js";
import { gatherUsageSummary } from "../models/usage.js";

/**
 * Makes the first message of a chat. `extra` holds the carryover and the options that `initiateChat` does not define.
 */
export type MessageFunction = (
  sender: ConversableAgent,
  recipient: ConversableAgent,
  extra: Readonly<Record<string, unknown>>,
  context: CallContext,
) => MessageInput | Promise<MessageInput>;

/** Options of `initiateChat`. */
export interface InitiateChatOptions {
  /** The first message, or a function that makes it; not given: a person is asked for it. */
  message?: MessageInput | MessageFunction | null | undefined;
  /** Whether both agents clear their earlier conversation with each other; not given: true. */
  clearHistory?: boolean | undefined;
  /** Whether the chat is kept off the terminal. An agent's own `silent` takes precedence. */
  silent?: boolean | undefined;
  /** The most messages that the initiator sends; not given: the chat ends when an agent has no reply. */
  maxTurns?: number | null | undefined;
  /** The method that makes the summary; not given: "last_msg". */
  summaryMethod?: SummaryMethod | undefined;
  /** The arguments for the summary: `summaryPrompt`, `summaryRole`, or those of your own function. */
  summaryArgs?: Readonly<Record<string, unknown>> | undefined;
  /** The carryover that is appended to the first message. */
  carryover?: Carryover | undefined;
  /** The cache for responses of models. */
  cache?: Cache | null | undefined;
  /** Values for tools: they get them as `context.dependencies`. Chats inside this one inherit them. */
  dependencies?: Readonly<Record<string, unknown>> | undefined;
  /** The signal that ends the chat early: it throws the signal's reason. Model calls and tools get it too. */
  signal?: AbortSignal | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
  /** Any other options, for a message function. */
  [extra: string]: unknown;
}

/** The rules of the options. */
export const CHAT_OPTIONS: OptionRules<InitiateChatOptions> = {
  message: "any",
  clearHistory: "flag",
  silent: "flag",
  maxTurns: "any",
  summaryMethod: "any",
  summaryArgs: "object",
  carryover: "any",
  cache: "any",
  dependencies: "object",
  signal: "signal",
  context: "parent",
};

/** Runs a chat that `sender` starts. */
export function initiateChat(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  options: InitiateChatOptions,
): Promise<ChatResult> {
  checkOptions("initiateChat", options, CHAT_OPTIONS, true);
  if (recipient?.[agentState] === undefined)
    throw invalidOption("recipient", "an agent: `initiateChat(agent, { message })`");
  const {
    message,
    clearHistory = true,
    maxTurns,
    summaryMethod = "last_msg",
    summaryArgs = {},
    cache,
    dependencies,
    signal: ownSignal,
    context: outer,
    ...extra
  } = options;
  const silent = options.silent ?? outer?.silent ?? false;
  delete extra.silent;
  checkSummaryMethod(summaryMethod, sender, recipient);
  if (!isCount(maxTurns ?? 0)) throw invalidOption("maxTurns", "a whole number");
  const signal = anySignal(ownSignal, outer?.signal);
  const listener = listenerIn(outer);
  const { managedGroup } = recipient[agentState];
  const scope = new OpenScope(
    "chat",
    outer?.scope,
    {
      sender,
      recipient,
      message,
      clearHistory,
      silent,
      maxTurns: maxTurns ?? undefined,
      summaryMethod,
      summaryArgs,
      cache: cache ? String(cache) : undefined,
      extra,
      ...(managedGroup && { pattern: managedGroup.pattern }),
    },
    listener,
  );
  if (cache) setChatCache(scope, cache);
  setDependencies(scope, dependencies);
  const context: CallContext = { scope, agent: sender, sender: recipient, signal, silent: sender.silent ?? silent };

  const first = async (): Promise<MessageInput> =>
    typeof message === "function"
      ? withScope(scope, () => message(sender, recipient, extra, context))
      : sender.generateInitMessage(message, { ...extra, context });

  return runOperation(scope, async () => {
    signal?.throwIfAborted();
    prepareChat(sender, recipient, clearHistory, maxTurns == null);
    prepareChat(recipient, sender, clearHistory, maxTurns == null);
    if (maxTurns == null) await sender.send(await first(), recipient, { silent, context });
    else await takeTurns(sender, recipient, maxTurns, first, silent, context);
    const result = {
      chatId: newChatId(),
      chatHistory: [...(sender.chatMessages.get(recipient) ?? [])],
      summary: await summarize(sender, recipient, summaryMethod, summaryArgs, context),
      cost: gatherUsageSummary([sender, recipient]),
      humanInput: [...sender[agentState].humanInput],
      ...parsedOf(scope),
    };
    return managedGroup?.finish(result) ?? result;
  });
}

/**
 * Runs a chat with a limit of turns: the initiator requests every reply, instead of both agents replying by
 * themselves.
 */
async function takeTurns(
  sender: ConversableAgent,
  recipient: ConversableAgent,
  maxTurns: number,
  first: () => Promise<MessageInput>,
  silent: boolean,
  context: CallContext,
): Promise<void> {
  const { history, autoReplies } = sender[agentState];
  for (let turn = 0; turn < maxTurns; turn++) {
    if (autoReplies.count(recipient) >= recipient.maxConsecutiveAutoReply()) return;
    if (turn === 0) {
      await sender.send(await first(), recipient, { requestReply: true, silent, context });
      continue;
    }
    const messages = history.with(recipient);
    const last = messages.at(-1);
    if (last?.content != null && (await recipient.isTerminationMsg(last, { ...context, agent: recipient, sender })))
      return;
    if (
      !(await reply(sender, recipient, messages, context.scope, { requestReply: true, silent, signal: context.signal }))
    )
      return;
  }
  const terminationReason = `Maximum turns (${maxTurns}) reached`;
  await emitEvent(
    { type: "termination", terminationReason, sender: sender.name, recipient: recipient.name },
    context.scope,
    context.silent,
  );
}

/** Prepares `agent` for a chat with `other` (AG2: `ConversableAgent._prepare_chat`). */
export function prepareChat(
  agent: ConversableAgent,
  other: Agent,
  clearHistory: boolean,
  replyAtReceive: boolean,
): void {
  const state = agent[agentState];
  state.autoReplies.reset(other);
  state.replyAtReceive.set(other, replyAtReceive);
  if (clearHistory) {
    state.history.clear(other);
    state.humanInput = [];
  }
  state.prepareMembers?.(other, clearHistory, replyAtReceive);
}
