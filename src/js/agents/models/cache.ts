/** Caches for model responses (AG2: cache/, oai/openai_utils.py `get_key`). */

import type { Scope } from "../observe/observer.js";
import { enclosingChat } from "../observe/scope.js";

/**
 * A cache of responses as JSON text, by the text of the request. A `Map<string, string>` is one; for
 * responses that outlive the page or process, wrap localStorage, a file or a database.
 * AG2's `with Cache.disk() as cache` becomes `const cache = new Map<string, string>()`.
 */
export interface Cache {
  /** Returns the text under `key`; `undefined` or null if there is none. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Stores `value` under `key`. */
  set(key: string, value: string): unknown;
}

/** The number of newest responses that the cache of one `cacheSeed` holds. */
const MAX_ENTRIES_PER_SEED = 1000;

const seeds = new Map<string, Cache>();

/**
 * The cache of a `cacheSeed`, shared by all configurations with the same seed until the page or
 * process ends. (AG2's is on disk, or without the package `diskcache` a new one for each request.)
 */
export function cacheForSeed(seed: number | string): Cache {
  const name = String(seed);
  let cache = seeds.get(name);
  if (cache === undefined) {
    const entries = new Map<string, string>();
    cache = {
      get: (key) => entries.get(key),
      set: (key, value) => {
        entries.set(key, value);
        const [oldest] = entries.keys();
        if (entries.size > MAX_ENTRIES_PER_SEED && oldest !== undefined) entries.delete(oldest);
      },
    };
    seeds.set(name, cache);
  }
  return cache;
}

const cachesByChat = new WeakMap<Scope, Cache>();

/**
 * Sets the cache for the model calls of a chat. It belongs to the chat (AG2: to the agent, as
 * `client_cache`), so that concurrent chats of one agent do not mix.
 */
export function setChatCache(chat: Scope, cache: Cache): void {
  cachesByChat.set(chat, cache);
}

/** The cache of the chat that `scope` is part of, if it has one. */
export function chatCache(scope: Scope | undefined): Cache | undefined {
  const chat = enclosingChat(scope);
  return chat && cachesByChat.get(chat);
}
