/** Answers that are kept, so that the same question is not asked twice (AG2: cache/, oai/openai_utils.py `get_key`). */

import type { ModelRequest } from "./message.js";
import type { Scope } from "./observer.js";
import { chatAround } from "./scope.js";

/**
 * Keeps answers as JSON text under the text of the request. A `Map<string, string>` is one; for
 * answers that outlive the page or process, put one around localStorage, a file or a database.
 * AG2's `with Cache.disk() as cache` becomes `const cache = new Map<string, string>()`.
 */
export interface Cache {
  /** The text under `key`; `undefined` or null when there is none. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps `value` under `key`. */
  set(key: string, value: string): unknown;
}

/** How many answers are kept for one `cacheSeed`: the newest. */
const MOST_PER_SEED = 1000;

const seeds = new Map<string, Cache>();

/**
 * The cache of a `cacheSeed`: all with the same seed share it, for as long as the page or process
 * lives. (AG2's is on disk, or without the package `diskcache` a new one for each request.)
 */
export function cacheOfSeed(seed: number | string): Cache {
  const name = String(seed);
  let cache = seeds.get(name);
  if (cache === undefined) {
    const kept = new Map<string, string>();
    cache = {
      get: (key) => kept.get(key),
      set: (key, value) => {
        kept.set(key, value);
        const [oldest] = kept.keys();
        if (kept.size > MOST_PER_SEED && oldest !== undefined) kept.delete(oldest);
      },
    };
    seeds.set(name, cache);
  }
  return cache;
}

/** What one and the same answer may be given to: the whole request. Keys and addresses are no part of it. */
export function cacheKey(request: Readonly<ModelRequest>): string {
  return JSON.stringify(request);
}

const byChat = new WeakMap<Scope, Cache>();

/** Lets the model calls of a chat use `cache`. It hangs on the chat, so that two chats of one agent at the same time do not mix (AG2: `agent.client_cache`). */
export function useCache(chat: Scope, cache: Cache): void {
  byChat.set(chat, cache);
}

/** The cache of the chat that `scope` is part of. */
export function cacheAround(scope: Scope | undefined): Cache | undefined {
  const chat = chatAround(scope);
  return chat && byChat.get(chat);
}
