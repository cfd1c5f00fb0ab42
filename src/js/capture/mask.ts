/**
 * Masking of secrets by their keys: values under keys such as `apiKey` or `Authorization`, in objects
 * and within texts (`mask-text.ts`).
 */

import { MASK, maskText } from "./mask-text.js";
import type { MaskKeys } from "./mask-keys.js";
import type { SecretKeys } from "./secret-keys.js";
import {
  isDescription,
  isDigit,
  isOfSchema,
  isSecretName,
  lastPairInText,
  lastPairOfName,
  normalizedName,
  secretEnds,
} from "./secret-names.js";

/** Decisions about longer keys are not cached. */
const MAX_CACHED_KEY_CHARACTERS = 100;
/** More different keys than this are data: the cache of decisions is cleared. */
const MAX_CACHED_KEYS = 4096;

/** Decides which keys hold secrets, and masks their values in text. */
export class Masking implements SecretKeys {
  readonly #decisions = new Map<string, boolean>();
  readonly #rule: (key: string) => boolean;
  /** The pairs of letters that secret keys end in; `undefined` where the program decides by a function or a pattern. */
  readonly #ends: Uint8Array | undefined;

  /** `keys` is the option `maskKeys`. */
  constructor(keys: Exclude<MaskKeys, false> = []) {
    if (typeof keys === "function") {
      this.#rule = (key) => keys(key) === true;
      return;
    }
    const names = new Set(keys.filter((key) => typeof key === "string").map(normalizedName));
    const patterns = keys.filter((key) => key instanceof RegExp);
    if (patterns.length === 0) this.#ends = secretEnds(names);
    this.#rule = (key) =>
      isSecretName(key) || names.has(normalizedName(key)) || patterns.some((pattern) => key.search(pattern) >= 0);
  }

  /** Whether values under `key` are masked. A function of the program that throws counts as yes. */
  isSecret(key: string): boolean {
    const ends = this.#ends;
    if (ends !== undefined) {
      if (ends[lastPairOfName(key)] === 0) return false;
      // One of many names with a number each, which are not asked for again.
      if (isDigit(key.charCodeAt(key.length - 1))) return this.#rule(key);
    }
    const decided = this.#decisions.get(key);
    if (decided !== undefined) return decided;
    let isSecret = true;
    try {
      isSecret = this.#rule(key);
    } catch {
      // Mask what cannot be decided.
    }
    if (key.length > MAX_CACHED_KEY_CHARACTERS) return isSecret;
    if (this.#decisions.size >= MAX_CACHED_KEYS) this.#decisions.clear();
    this.#decisions.set(key, isSecret);
    return isSecret;
  }

  mayEndSecret(text: string, end: number): boolean {
    return this.#ends?.[lastPairInText(text, end)] !== 0;
  }

  /** `text` with each value under a secret key in it masked. Takes time in proportion to its length. */
  maskText(text: string): string {
    return maskText(text, this);
  }

  /** Whether `holder[key]`, which is `value`, must not be recorded as it is. */
  isMasked(holder: object, key: string, value: unknown): boolean {
    return this.isSecret(key) && isMaskable(value) && !isLogprobToken(holder, key);
  }
}

/** Whether a value under a secret key may be, or hold, the secret. */
function isMaskable(value: unknown): boolean {
  return value !== "" && value !== null && value !== undefined && typeof value !== "boolean";
}

/**
 * Plain data with each text and number in it masked; what describes in a schema stays, since the parameter
 * `password` of a tool holds none.
 */
export function maskData(data: unknown): unknown {
  if (!isMaskable(data)) return data;
  if (typeof data !== "object") return MASK;
  if (Array.isArray(data)) return data.map(maskData);
  const members = Object.entries(data as object);
  const isSchema = members.some(([key, member]) => isOfSchema(key, member));
  return Object.fromEntries(
    members.map(([key, member]) => [key, isSchema && isDescription(key) ? member : maskData(member)]),
  );
}

/** Whether a key "token" holds a token of a model's output, as in OpenAI's `logprobs`. */
function isLogprobToken(holder: object, key: string): boolean {
  return key === "token" && "logprob" in holder;
}
