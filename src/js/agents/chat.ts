/** A chat of two agents, from the first message to the result (AG2: `ConversableAgent.initiate_chat`). */

import type { Agent } from "./agent.js";
import { agentState } from "./agent-state.js";
import { type Cache, useCache } from "./cache.js";
import type { Carryover } from "./carryover.js";
import { type ChatResult, newChatId } from "./chat-result.js";
import type { ConversableAgent } from "./conversable-agent.js";
import { reply } from "./conversation.js";
import { isCount, mustBe } from "./errors.js";
import type { MessageInput } from "./message.js";
import { calledWithin, bothSignals, type CallContext, type ContextOption, listenerOf, OpenScope, runListener, within } from "./scope.js";
import { checkSummaryMethod, summarize, type SummaryMethod } from "./summary.js";
import { tell } from "./tell.js";
import { gatherUsageSummary } from "./usage.js";

/** Makes the first message of a chat. `extra` holds the options that are not `initiateChat`'s own, carryover among them. */
export type MessageFunction = (
  sender: ConversableAgent,
  recipient: ConversableAgent,
  extra: Readonly<Record<string, unknown>>,
  context: CallContext,
) => MessageInput | Promise<MessageInput>;

/** Options of `initiateChat`. */
export interface InitiateChatOptions {
  /** The first message, or what makes it; not given: a person is asked for it. */
  message?: MessageInput | MessageFunction | null | undefined;
  /** Whether both agents forget what they said to each other before; not given: true. */
  clearHistory?: boolean | undefined;
  /** Keeps the chat off the terminal. An agent's own `silent` wins. */
  silent?: boolean | undefined;
  /** How often the initiator speaks at most; not given: until one of the agents has no reply. */
  maxTurns?: number | null | undefined;
  /** How the summary is made; not given: "last_msg". */
  summaryMethod?: SummaryMethod | undefined;
  /** For the summary: `summaryPrompt`, `summaryRole`, or what your own function wants. */
  summaryArgs?: Readonly<Record<string, unknown>> | undefined;
  /** Put behind the first message. */
  carryover?: Carryover | undefined;
  /** Answers of models are taken from here, and new ones put here. */
  cache?: Cache | null | undefined;
  /** Ends the chat early: it throws the signal's reason. Model calls and tools get it too. */
  signal?: AbortSignal | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
  /** Anything else, for a message function. */
  [extra: string]: unknown;
}

/** Runs a chat that `sender` begins. */
export function initiateChat(sender: ConversableAgent, recipient: ConversableAgent, options: InitiateChatOptions): Promise<ChatResult> {
  const { message, clearHistory = true, maxTurns, summaryMethod = "last_msg", summaryArgs = {}, cache, signal: ownSignal, context: outer, ...extra } = options;
  const silent = options.silent ?? outer?.silent ?? false;
  delete extra.silent;
  checkSummaryMethod(summaryMethod, sender, recipient);
  if (!isCount(maxTurns ?? 0)) throw mustBe("maxTurns", "a whole number");
  const signal = bothSignals(ownSignal, outer?.signal);
  const listener = outer?.[runListener] ?? listenerOf(outer?.scope);
  const scope = new OpenScope("chat", outer?.scope, {
    sender, recipient, message, clearHistory, silent, maxTurns: maxTurns ?? undefined, summaryMethod, summaryArgs, cache: cache ? String(cache) : undefined, extra,
  }, listener);
  if (cache) useCache(scope, cache);
  const context: CallContext = { scope, agent: sender, sender: recipient, signal, silent: sender.silent ?? silent };

  const first = async (): Promise<MessageInput> =>
    typeof message === "function" ? calledWithin(context, () => message(sender, recipient, extra, context)) : sender.generateInitMessage(message, { ...extra, context });

  return within(
    scope,
    async () => {
      signal?.throwIfAborted();
      prepareChat(sender, recipient, clearHistory, maxTurns == null);
      prepareChat(recipient, sender, clearHistory, maxTurns == null);
      if (maxTurns == null) await sender.send(await first(), recipient, { silent, context });
      else await takeTurns(sender, recipient, maxTurns, first, silent, context);
      return {
        chatId: newChatId(),
        chatHistory: [...(sender.chatMessages.get(recipient) ?? [])],
        summary: await summarize(sender, recipient, summaryMethod, summaryArgs, context),
        cost: gatherUsageSummary([sender, recipient]),
        humanInput: [...sender[agentState].humanInput],
      };
    },
  );
}

/** With a limit of turns the initiator asks for every answer, instead of both answering whatever comes. */
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
    if (last?.content != null && (await recipient.isTerminationMsg(last, { ...context, agent: recipient, sender }))) return;
    if (!(await reply(sender, recipient, messages, context.scope, { requestReply: true, silent, signal: context.signal }))) return;
  }
  const terminationReason = `Maximum turns (${maxTurns}) reached`;
  await tell({ type: "termination", terminationReason, sender: sender.name, recipient: recipient.name }, context.scope, context.silent ?? false);
}

/** Makes `agent` ready for a chat with `other` (AG2: `ConversableAgent._prepare_chat`). */
export function prepareChat(agent: ConversableAgent, other: Agent, clearHistory: boolean, replyAtReceive: boolean): void {
  const state = agent[agentState];
  state.autoReplies.reset(other);
  state.replyAtReceive.set(other, replyAtReceive);
  if (clearHistory) {
    state.history.clear(other);
    state.humanInput = [];
  }
  state.prepareMembers?.(other, clearHistory, replyAtReceive);
}
