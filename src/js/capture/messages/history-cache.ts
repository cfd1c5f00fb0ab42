/**
 * A cache of captured messages and of the histories that they form: what the core already holds is
 * passed as an id, so a history that has grown by one message costs one message.
 *
 * A history is found by the newest of its messages that is cached, and reused only as far as every
 * message before that one is unchanged; the messages after that are captured again.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { captureRules, jsonOf } from "../capture.js";
import { CachedHistory } from "./cached-history.js";
import { isListOfMessages, isUnchanged, readTextMessage, takeSnapshot } from "./snapshot.js";

/** How many messages at the end of a history may be new before it is looked up by its contents. */
const MAX_LOOK_BACK_MESSAGES = 8;
/** How many histories are compared by their contents, for programs that copy their messages. */
const MAX_RECENT_HISTORIES = 8;
/**
 * How many messages of a list may be new. A longer list is data: each of its items would cost many times what it
 * takes to serialize it.
 */
const MAX_NEW_MESSAGES = 500;
/** The most characters of messages that the core holds for this cache; beyond that it starts again. */
const MAX_CHARACTERS = 16 << 20;

/** A message as it was captured last. */
interface CachedMessage {
  /** `undefined` for a message that is more than a role and a text. */
  readonly role: string | undefined;
  /** The text; for a message that is more, its snapshot. */
  readonly content: unknown;
  /** The core's id of its JSON text. */
  readonly coreId: number;
  readonly characters: number;
  /** The history in which the message was seen last, and its position there. */
  history: CachedHistory | undefined;
  index: number;
}

/** A cached history, and how many of its first messages are those that were looked up. */
interface Prefix {
  readonly history: CachedHistory;
  readonly length: number;
}

/** Finds messages and histories that were captured before. All ids are the core's, valid until `clear()`. */
export class HistoryCache {
  /** Where messages are passed. */
  bridge: Bridge;
  #messages = new WeakMap<object, CachedMessage>();
  #recent: CachedHistory[] = [];
  #characters = 0;
  #rules = captureRules();

  constructor(bridge: Bridge) {
    this.bridge = bridge;
  }

  /** The id of one message; 0 if it cannot be cached, since it is not plain data. Throws what reading throws. */
  messageId(message: object): number {
    return this.#capture(message)?.coreId ?? 0;
  }

  /** The id of a history; 0 if one of its messages cannot be cached. Throws what reading throws. */
  historyId(messages: readonly unknown[]): number {
    const count = messages.length;
    if (count === 0 || !isListOfMessages(messages)) return 0;
    const { history: found, length } = this.#findByMessage(messages) ?? this.#findByContents(messages);
    if (count - length > MAX_NEW_MESSAGES) return 0;
    // A history that goes on differently stays as it is, for those who still send it.
    const isDiverging = length < count && length < found.length;
    const history = isDiverging ? found.branch(length) : found;
    for (let at = length; at < count; at++) if (!this.#append(history, messages[at])) return 0;
    if (length < count) this.#markRecent(history);
    // A value over the limit is truncated, which takes a capture of the whole value.
    return history.characters > captureRules().maxValueCharacters ? 0 : history.coreId(count);
  }

  /**
   * Clears the cache when it is too large or the capture rules have changed. Called before a value is
   * captured, never during it: the ids of one list must stay valid while the next is looked up.
   */
  evictIfStale(): void {
    const rules = captureRules();
    if (this.#characters > MAX_CHARACTERS || rules !== this.#rules) this.clear();
    this.#rules = rules;
  }

  /** Removes all messages and histories, here and in the core. */
  clear(): void {
    if (this.#characters === 0) return;
    this.#messages = new WeakMap();
    this.#recent = [];
    this.#characters = 0;
    this.bridge.tracer.forgetMessages();
  }

  /** The history that one of the last messages was seen in, if it was seen at the same position there. */
  #findByMessage(messages: readonly unknown[]): Prefix | undefined {
    const last = messages.length - 1;
    for (let at = last; at >= 0 && at > last - MAX_LOOK_BACK_MESSAGES; at--) {
      const cached = this.#messages.get(messages[at] as object);
      const history = cached?.history;
      if (history !== undefined && cached?.index === at)
        return { history, length: history.commonPrefixLength(messages, at + 1) };
    }
    return undefined;
  }

  /** The recent history with the longest common prefix; a new one if none has any. */
  #findByContents(messages: readonly unknown[]): Prefix {
    let best: Prefix = { history: new CachedHistory(), length: 0 };
    for (const history of this.#recent) {
      const length = history.commonPrefixLength(messages, Math.min(messages.length, history.length));
      if (length > best.length) best = { history, length };
    }
    return best;
  }

  /** Appends a message to a history, here and in the core; returns whether it can be cached. */
  #append(history: CachedHistory, message: unknown): boolean {
    if (typeof message !== "object" || message === null) return false;
    const cached = this.#capture(message);
    if (cached === undefined) return false;
    cached.history = history;
    cached.index = history.length;
    const coreId = this.bridge.tracer.appendMessage(history.coreId(history.length), cached.coreId);
    history.push(cached.role, cached.content, coreId);
    history.characters += cached.characters;
    return true;
  }

  /** The message as it is cached, captured again if it has changed; `undefined` if it is not plain data. */
  #capture(message: object): CachedMessage | undefined {
    const before = this.#messages.get(message);
    if (before !== undefined && isUnchanged(before.role, before.content, message)) return before;
    const textMessage = readTextMessage(message);
    const snapshot = textMessage === undefined ? takeSnapshot(message) : undefined;
    const copy = textMessage ?? snapshot?.copy;
    if (copy === undefined) return undefined;
    const json = jsonOf(copy);
    this.#characters += json.length;
    const cached: CachedMessage = {
      role: textMessage?.role,
      content: textMessage === undefined ? snapshot?.snapshot : textMessage.content,
      coreId: this.bridge.tracer.message(this.bridge.writeText(json)),
      characters: json.length,
      history: undefined,
      index: 0,
    };
    this.#messages.set(message, cached);
    return cached;
  }

  #markRecent(history: CachedHistory): void {
    if (this.#recent[0] === history) return;
    this.#recent = [history, ...this.#recent.filter((other) => other !== history)].slice(0, MAX_RECENT_HISTORIES);
  }
}
