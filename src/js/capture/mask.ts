/**
 * Masking of secrets by their keys: values under keys such as `apiKey` or `Authorization`, in objects
 * and in JSON text within texts (models return the arguments of tool calls as text).
 */

/** Recorded in place of a secret. */
export const MASK = "***";

/**
 * Which keys hold secrets: additional names and patterns, or a function that replaces the default; `false` for
 * none.
 */
export type MaskKeys = false | readonly (string | RegExp)[] | ((key: string) => boolean);

/** Longer keys are data, not names. */
const MAX_KEY_CHARACTERS = 100;
/** More different keys than this are data: the cache of decisions is cleared. */
const MAX_CACHED_KEYS = 4096;

/**
 * The ends of secret names, without case and separators. Plural "tokens" are counts (`max_tokens`,
 * `prompt_tokens`), and other names with "token" are markers in a text (`eos_token`, `next_page_token`).
 */
const SECRET = new RegExp(
  "(?:authorization|password|passwd|passphrase|secrets?|credentials?|cookie|apikeys" +
    "|(?:api|secret|private|access|signing|encryption)key" +
    "|(?:access|auth|refresh|id|session|bearer|api|csrf|xsrf|security|bot|personal)token)$|^(?:token|pwd)$",
);
/** Matches every text with such a key before a value, and some others: a cheap first test. */
const SUSPICIOUS = /":(?<=(?:key|authorization|w(?:or)?d|phrase|secret|credential|cookie|token)s?\\*":)/i;
const ANY_KEY = /":/;
/** A key and its text or number, in JSON text that may have been cut. */
const PAIR = /("([^"\\]{1,100})"\s*:\s*)(?:"(?:[^"\\]|\\.)+(?:"|\\?$)|-?\d[\d.eE+-]*)/gs;
/** The same in JSON text within JSON text, whose quotes are escaped. */
const ESCAPED_PAIR = /(\\+"([^"\\]{1,100})\\+"\s*:\s*)(\\+")[^"\\]+(?:\\+"|$)/g;

/** Decides which keys hold secrets, and masks their values in text. */
export class Masking {
  readonly #decisions = new Map<string, boolean>();
  readonly #rule: (key: string) => boolean;
  readonly #suspicious: RegExp;

  /** `keys` is the option `maskKeys`. */
  constructor(keys: Exclude<MaskKeys, false> = []) {
    if (typeof keys === "function") {
      this.#rule = (key) => keys(key) === true;
    } else {
      const names = new Set(keys.filter((key) => typeof key === "string").map(normalizedKey));
      const patterns = keys.filter((key) => key instanceof RegExp);
      this.#rule = (key) =>
        SECRET.test(normalizedKey(key)) ||
        names.has(normalizedKey(key)) ||
        patterns.some((pattern) => key.search(pattern) >= 0);
    }
    this.#suspicious = typeof keys !== "function" && keys.length === 0 ? SUSPICIOUS : ANY_KEY;
  }

  /** Whether values under `key` are masked. A function of the program that throws counts as yes. */
  isSecret(key: string): boolean {
    const decided = this.#decisions.get(key);
    if (decided !== undefined) return decided;
    if (key.length > MAX_KEY_CHARACTERS) return false;
    if (this.#decisions.size >= MAX_CACHED_KEYS) this.#decisions.clear();
    let isSecret = true;
    try {
      isSecret = this.#rule(key);
    } catch {
      // Mask what cannot be decided.
    }
    this.#decisions.set(key, isSecret);
    return isSecret;
  }

  /** Whether `maskText` may change `text`. */
  mayContainSecret(text: string): boolean {
    return text.includes('":') && this.#suspicious.test(text);
  }

  /** `text` with each text or number under a secret key in its JSON masked. */
  maskText(text: string): string {
    if (!this.mayContainSecret(text)) return text;
    const isMasked = (key: string): boolean => this.isSecret(key) && !isLogprobToken(text, key);
    return text
      .replace(PAIR, (whole, before: string, key: string) => (isMasked(key) ? `${before}"${MASK}"` : whole))
      .replace(ESCAPED_PAIR, (whole, before: string, key: string, quote: string) =>
        isMasked(key) ? `${before}${quote}${MASK}${quote}` : whole,
      );
  }
}

/** Whether a key "token" holds a token of a model's output, as in OpenAI's `logprobs`. */
export function isLogprobToken(context: object | string, key: string): boolean {
  if (key !== "token") return false;
  return typeof context === "string" ? context.includes('"logprob') : "logprob" in context;
}

function normalizedKey(key: string): string {
  return key.toLowerCase().replace(/[-_.\s]/g, "");
}
