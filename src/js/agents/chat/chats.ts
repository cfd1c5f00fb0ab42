/**
 * Queues of chats, run in sequence or by their prerequisites (AG2: agentchat/chat.py, `initiate_chats`,
 * `a_initiate_chats`).
 */

import {
  type ChatQueueEntry,
  type ChatWithId,
  checkQueue,
  hasIds,
  resolveSenders,
  type ResolvedChat,
} from "./chat-queue.js";
import type { ChatResult, ChatResults } from "./chat-result.js";
import type { ChatMessage } from "../message/message.js";
import type { Named } from "../observe/observer.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { warn } from "../util/warn.js";
import { anySignal, listenerIn, OpenScope, runOperation } from "../observe/scope.js";
import { type ContextOption, runListener } from "../types.js";
import { emitEvent } from "../observe/emit-event.js";

/** Options of `initiateChats`. */
export interface InitiateChatsOptions {
  /** The signal that ends the chats early. */
  signal?: AbortSignal | undefined;
  /** The context of the call: pass on the one that your callback received. */
  context?: ContextOption | undefined;
}

const CHATS_OPTIONS: OptionRules<InitiateChatsOptions> = { signal: "signal", context: "parent" };

/**
 * Runs the chats of a queue.
 *
 * Chats without ids run in sequence, each with the summaries of earlier chats as carryover, and the
 * results have the same order. Chats that all have a `chatId` run concurrently, each when its
 * `prerequisites` have ended, with their summaries as carryover; the results are a map by id. (In AG2
 * these are two functions. Unlike in AG2 the entries are not changed.)
 *
 * If a chat fails, the others are aborted, and its error is thrown.
 *
 * @throws AgentError for an invalid queue, before any chat starts
 * @example
 * const [facts, story] = await initiateChats([
 *   { sender: user, recipient: guide, message: "Three facts about Lisbon.", maxTurns: 1 },
 *   { sender: user, recipient: assistant, message: "Make a story of them.", maxTurns: 1 },
 * ]);
 * console.log(facts?.summary, story?.summary);
 * @example
 * // With ids: the first two run concurrently, the third gets the summaries of both.
 * const editor = new AssistantAgent({ name: "editor", llmConfig });
 * const results = await initiateChats([
 *   { chatId: 1, sender: user, recipient: guide, message: "What is there to see?", maxTurns: 1 },
 *   { chatId: 2, sender: user, recipient: assistant, message: "What is there to eat?", maxTurns: 1 },
 *   { chatId: 3, sender: user, recipient: editor, message: "Plan a day.", maxTurns: 1, prerequisites: [1, 2] },
 * ]);
 * console.log(results.get(3)?.summary);
 */
export function initiateChats(
  chatQueue: readonly ChatWithId[],
  options?: InitiateChatsOptions,
): Promise<Map<number, ChatResult>>;
export function initiateChats(
  chatQueue: readonly (ChatQueueEntry & { chatId?: undefined })[],
  options?: InitiateChatsOptions,
): Promise<ChatResult[]>;
export function initiateChats(
  chatQueue: readonly ChatQueueEntry[],
  options?: InitiateChatsOptions,
): Promise<ChatResult[] | Map<number, ChatResult>>;
export async function initiateChats(
  chatQueue: readonly ChatQueueEntry[],
  options: InitiateChatsOptions = {},
): Promise<ChatResult[] | Map<number, ChatResult>> {
  return runChats(undefined, resolveSenders(chatQueue, undefined), options);
}

/** Runs the chats of a queue in one scope, whose sender is `initiator`. */
export async function runChats(
  initiator: Named | undefined,
  chatQueue: readonly ResolvedChat[],
  options: InitiateChatsOptions,
): Promise<ChatResults> {
  checkOptions("initiateChats", options, CHATS_OPTIONS);
  const { signal, context } = options;
  checkQueue(chatQueue);
  const scope = new OpenScope(
    "chats",
    context?.scope,
    { sender: initiator, count: chatQueue.length },
    listenerIn(context),
  );
  return runOperation(
    scope,
    () => runQueue(chatQueue, { ...context, scope, signal: anySignal(signal, context?.signal) }),
    () => ({}),
  );
}

/** Runs the chats of a valid queue within `context`. */
export function runQueue(chatQueue: readonly ResolvedChat[], context: ContextOption): Promise<ChatResults> {
  return hasIds(chatQueue) ? runByDependency(chatQueue, context) : runInOrder(chatQueue, context);
}

/** Runs one chat of a queue, with the summaries of `finished` as carryover. */
export async function runChat(
  entry: ResolvedChat,
  finished: readonly ChatResult[],
  context: ContextOption,
): Promise<ChatResult> {
  const { recipient, ...options } = entry;
  const own = entry.carryover ?? [];
  const carryover: (string | ChatMessage)[] = [
    ...(typeof own === "string" ? [own] : own),
    ...finished.map(({ summary }) => summary),
  ];
  if (!("message" in entry)) warn("a chat of the queue has no `message`: a person is asked");
  if (!(entry.sender.silent ?? entry.silent ?? context.silent)) await emitChatStart(entry, carryover, context);
  return entry.sender.initiateChat(recipient, { ...options, carryover, context });
}

async function emitChatStart(
  entry: ResolvedChat,
  carryover: readonly (string | ChatMessage)[],
  context: ContextOption,
): Promise<void> {
  const { sender, recipient, message, maxTurns, verbose = false } = entry;
  const messageText =
    typeof message === "string"
      ? message
      : typeof message === "function"
        ? `Callable: ${message.name}`
        : message == null
          ? "None"
          : `Dict: ${JSON.stringify(message)}`;
  const fields = {
    sender: sender.name,
    recipient: recipient.name,
    message: messageText,
    carryover,
    maxTurns: maxTurns ?? undefined,
    verbose,
  };
  const event = { type: "postCarryoverProcessing", ...fields } as const;
  // The chat's own scope, which has the run's listener, does not exist yet.
  const listener = context[runListener];
  await (listener === undefined ? emitEvent(event, context.scope) : listener.onEvent(event));
}

async function runInOrder(chatQueue: readonly ResolvedChat[], context: ContextOption): Promise<ChatResult[]> {
  const results: ChatResult[] = [];
  for (const entry of chatQueue) {
    results.push(await runChat(entry, resultsToCarryOver(entry, results.entries()), context));
  }
  return results;
}

/** The results of `candidates` that `entry` does not exclude. */
export function resultsToCarryOver(
  entry: ChatQueueEntry,
  candidates: Iterable<readonly [number, ChatResult]>,
): ChatResult[] {
  const excluded = entry.finishedChatIndexesToExcludeFromCarryover ?? [];
  return [...candidates].filter(([key]) => !excluded.includes(key)).map(([, result]) => result);
}

async function runByDependency(
  chatQueue: readonly ChatWithId[],
  context: ContextOption,
): Promise<Map<number, ChatResult>> {
  const failure = new AbortController();
  const signal = anySignal(failure.signal, context.signal);
  const started = new Map<number, Promise<ChatResult>>();
  const start = (entry: ResolvedChat & ChatWithId): Promise<ChatResult> => {
    const { chatId, prerequisites = [] } = entry;
    const known = started.get(chatId);
    if (known !== undefined) return known;
    // Every chat is started once: `start` returns the same promise for each call.
    const dependencies = prerequisites.map((id) => start(byId.get(id) as ResolvedChat & ChatWithId));
    const chat = (async () => {
      const results = await Promise.all(dependencies);
      const finished = resultsToCarryOver(
        entry,
        prerequisites.map((id, index) => [id, results[index] as ChatResult] as const),
      );
      return { ...(await runChat(entry, finished, { ...context, signal })), chatId };
    })();
    // The first failure aborts the other chats. They are awaited, so that nothing runs on after the error.
    chat.catch((error: unknown) => failure.abort(error));
    started.set(chatId, chat);
    return chat;
  };
  const byId = new Map(chatQueue.map((entry) => [entry.chatId, entry as ResolvedChat & ChatWithId]));
  const outcomes = await Promise.allSettled([...byId.values()].map(start));
  if (failure.signal.aborted) throw failure.signal.reason;
  return new Map(
    [...byId.keys()].map((chatId, index) => [chatId, (outcomes[index] as PromiseFulfilledResult<ChatResult>).value]),
  );
}
