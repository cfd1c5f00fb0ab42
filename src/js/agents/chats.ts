/** Several chats, one after the other or as they depend on each other (AG2: agentchat/chat.py, `initiate_chats`, `a_initiate_chats`). */

import { type ChatQueueEntry, type ChatWithId, checkQueue, hasIds, staffed, type StaffedChat } from "./chat-queue.js";
import type { ChatResult } from "./chat-result.js";
import type { ChatMessage } from "./message.js";
import type { Named } from "./observer.js";
import { warn } from "./warn.js";
import { bothSignals, type ContextOption, listenerOf, OpenScope, runListener, within } from "./scope.js";
import { tell } from "./tell.js";

/** Where chats are called from. */
export interface InitiateChatsOptions {
  /** Ends the chats early. */
  signal?: AbortSignal | undefined;
  /** Where this is called from. */
  context?: ContextOption | undefined;
}

/**
 * Runs the chats of a queue.
 *
 * Without ids they run one after the other, each with the summaries of those before it as
 * carryover, and the results come in the same order. With a `chatId` in every entry they run at the
 * same time, each as soon as its `prerequisites` are over, with the summaries of these; the results
 * come by id. (In AG2 these are two functions.) Unlike AG2's the entries are not changed.
 *
 * If a chat fails, those that still run are ended, and its error is thrown.
 *
 * @throws AgentError for a queue that does not fit together, before any chat begins
 * @example
 * const [facts, story] = await initiateChats([
 *   { sender: user, recipient: guide, message: "Three facts about Lisbon.", maxTurns: 1 },
 *   { sender: user, recipient: assistant, message: "Make a story of them.", maxTurns: 1 },
 * ]);
 * console.log(facts?.summary, story?.summary);
 * @example
 * // With ids: the first two at the same time, the third with the summaries of both.
 * const editor = new AssistantAgent({ name: "editor", llmConfig });
 * const results = await initiateChats([
 *   { chatId: 1, sender: user, recipient: guide, message: "What is there to see?", maxTurns: 1 },
 *   { chatId: 2, sender: user, recipient: assistant, message: "What is there to eat?", maxTurns: 1 },
 *   { chatId: 3, sender: user, recipient: editor, message: "Plan a day.", maxTurns: 1, prerequisites: [1, 2] },
 * ]);
 * console.log(results.get(3)?.summary);
 */
export function initiateChats(chatQueue: readonly ChatWithId[], options?: InitiateChatsOptions): Promise<Map<number, ChatResult>>;
export function initiateChats(chatQueue: readonly (ChatQueueEntry & { chatId?: undefined })[], options?: InitiateChatsOptions): Promise<ChatResult[]>;
export function initiateChats(chatQueue: readonly ChatQueueEntry[], options?: InitiateChatsOptions): Promise<ChatResult[] | Map<number, ChatResult>>;
export async function initiateChats(chatQueue: readonly ChatQueueEntry[], options: InitiateChatsOptions = {}): Promise<ChatResult[] | Map<number, ChatResult>> {
  return chatsTogether(undefined, staffed(chatQueue, undefined), options);
}

/** The same below one scope, of the agent `owner`. */
export async function chatsTogether(
  owner: Named | undefined,
  chatQueue: readonly StaffedChat[],
  { signal, context }: InitiateChatsOptions,
): Promise<ChatResult[] | Map<number, ChatResult>> {
  checkQueue(chatQueue);
  const scope = new OpenScope("chats", context?.scope, { sender: owner, count: chatQueue.length }, context?.[runListener] ?? listenerOf(context?.scope));
  return within(scope, () => runQueue(chatQueue, { ...context, scope, signal: bothSignals(signal, context?.signal) }), () => ({}));
}

/** Runs checked chats within `context`. */
export function runQueue(chatQueue: readonly StaffedChat[], context: ContextOption): Promise<ChatResult[] | Map<number, ChatResult>> {
  return hasIds(chatQueue) ? runByDependency(chatQueue, context) : runInOrder(chatQueue, context);
}

/** One chat of the queue, with what is carried over to it. */
export async function chatAfter(entry: StaffedChat, finished: readonly ChatResult[], context: ContextOption): Promise<ChatResult> {
  const { recipient, ...options } = entry;
  const own = entry.carryover ?? [];
  const carryover: (string | ChatMessage)[] = [...(typeof own === "string" ? [own] : own), ...finished.map(({ summary }) => summary)];
  if (!("message" in entry)) warn("a chat of the queue has no `message`: a person is asked");
  if (!(entry.sender.silent ?? entry.silent ?? context.silent ?? false)) await tellStart(entry, carryover, context);
  return entry.sender.initiateChat(recipient, { ...options, carryover, context });
}

async function tellStart(entry: StaffedChat, carryover: readonly (string | ChatMessage)[], context: ContextOption): Promise<void> {
  const { sender, recipient, message, maxTurns, verbose = false } = entry;
  const shown = typeof message === "string" ? message : typeof message === "function" ? `Callable: ${message.name}` : message == null ? "None" : `Dict: ${JSON.stringify(message)}`;
  const about = { sender: sender.name, recipient: recipient.name, message: shown, carryover, maxTurns: maxTurns ?? undefined, verbose };
  const event = { type: "postCarryoverProcessing", ...about } as const;
  // The chat's own scope, which knows the run, does not exist yet.
  const listener = context[runListener];
  await (listener === undefined ? tell(event, context.scope, false) : listener.hear(event));
}

async function runInOrder(chatQueue: readonly StaffedChat[], context: ContextOption): Promise<ChatResult[]> {
  const results: ChatResult[] = [];
  for (const entry of chatQueue) {
    results.push(await chatAfter(entry, carriedOver(entry, results.entries()), context));
  }
  return results;
}

/** The results of `candidates` that `entry` does not exclude. */
export function carriedOver(entry: ChatQueueEntry, candidates: Iterable<readonly [number, ChatResult]>): ChatResult[] {
  const excluded = entry.finishedChatIndexesToExcludeFromCarryover ?? [];
  return [...candidates].filter(([key]) => !excluded.includes(key)).map(([, result]) => result);
}

async function runByDependency(chatQueue: readonly ChatWithId[], context: ContextOption): Promise<Map<number, ChatResult>> {
  const failure = new AbortController();
  const signal = bothSignals(failure.signal, context.signal);
  const begun = new Map<number, Promise<ChatResult>>();
  const begin = (entry: StaffedChat & ChatWithId): Promise<ChatResult> => {
    const { chatId, prerequisites = [] } = entry;
    const known = begun.get(chatId);
    if (known !== undefined) return known;
    // The chats before it first: `begin` gives the same promise however often it is asked for.
    const before = prerequisites.map((id) => begin(byId.get(id) as StaffedChat & ChatWithId));
    const chat = (async () => {
      const results = await Promise.all(before);
      const finished = carriedOver(entry, prerequisites.map((id, index) => [id, results[index] as ChatResult] as const));
      return { ...(await chatAfter(entry, finished, { ...context, signal })), chatId };
    })();
    // The first failure ends the others. They are waited for, so that nothing goes on behind the caller's back.
    chat.catch((error: unknown) => failure.abort(error));
    begun.set(chatId, chat);
    return chat;
  };
  const byId = new Map(chatQueue.map((entry) => [entry.chatId, entry as StaffedChat & ChatWithId]));
  const settled = await Promise.allSettled([...byId.values()].map(begin));
  if (failure.signal.aborted) throw failure.signal.reason;
  return new Map([...byId.keys()].map((chatId, index) => [chatId, (settled[index] as PromiseFulfilledResult<ChatResult>).value]));
}
