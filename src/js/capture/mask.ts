/**
 * What is kept out of traces by its name: values under keys such as `apiKey` or `Authorization`, in
 * objects and in JSON text within texts (a model gives the arguments of its tool calls as text).
 */

/** What stands in place of a secret. */
export const MASK = "***";

/** Which keys hold secrets: more of them by name or pattern, or a rule in place of ours; `false` for none. */
export type MaskKeys = false | readonly (string | RegExp)[] | ((key: string) => boolean);

/** Longer names than this are data. */
const MAX_KEY_CHARACTERS = 100;
/** More different keys than this in one program are data: what is known of them is forgotten. */
const MAX_KNOWN_KEYS = 4096;

/**
 * Ends of secret names, without case and separators. Plural "tokens" are counts (`max_tokens`,
 * `prompt_tokens`), and other single ones marks in a text (`eos_token`, `next_page_token`).
 */
const SECRET =
  /(?:apikeys?|authorization|password|passwd|passphrase|secrets?|secretkey|privatekey|accesskey|signingkey|encryptionkey|credentials?|cookie|(?:access|auth|refresh|id|session|bearer|api|csrf|xsrf|security|bot|personal)token)$|^(?:token|pwd)$/;
/** What a text with such a key and a value behind it looks like: cheaper to look for than to be sure of. */
const SUSPICIOUS = /":(?<=(?:key|authorization|passw(?:or)?d|passphrase|secret|credential|cookie|token|pwd)s?\\*":)/i;
const ANY_KEY = /":/;
/** A key and its text or number, in JSON text that may have been cut. */
const PAIR = /("([^"\\]{1,100})"\s*:\s*)(?:"(?:[^"\\]|\\.)+(?:"|\\?$)|-?\d[\d.eE+-]*)/gs;
/** The same in JSON text that stands in JSON text, whose quotes are escaped. */
const ESCAPED_PAIR = /(\\+"([^"\\]{1,100})\\+"\s*:\s*)(\\+")[^"\\]+(?:\\+"|$)/g;

/** Knows which keys hold secrets. */
export class Masking {
  readonly #known = new Map<string, boolean>();
  readonly #rule: (key: string) => boolean;
  readonly #suspicious: RegExp;

  /** For what the option `maskKeys` says. */
  constructor(keys: Exclude<MaskKeys, false> = []) {
    if (typeof keys === "function") {
      this.#rule = (key) => keys(key) === true;
    } else {
      const names = new Set(keys.filter((key) => typeof key === "string").map(normal));
      const patterns = keys.filter((key) => key instanceof RegExp);
      this.#rule = (key) =>
        SECRET.test(normal(key)) || names.has(normal(key)) || patterns.some((pattern) => key.search(pattern) >= 0);
    }
    this.#suspicious = typeof keys !== "function" && keys.length === 0 ? SUSPICIOUS : ANY_KEY;
  }

  /** Whether what stands under `key` is kept out. A rule that throws says yes. */
  isSecret(key: string): boolean {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (key.length > MAX_KEY_CHARACTERS) return false;
    if (this.#known.size >= MAX_KNOWN_KEYS) this.#known.clear();
    let found = true;
    try {
      found = this.#rule(key);
    } catch {
      // What cannot be told apart is kept out.
    }
    this.#known.set(key, found);
    return found;
  }

  /** Whether `maskText` may change `text`. */
  mayChange(text: string): boolean {
    return text.includes('":') && this.#suspicious.test(text);
  }

  /** `text` with a mask in place of each text or number that stands under a secret's key in JSON. */
  maskText(text: string): string {
    if (!this.mayChange(text)) return text;
    const isHidden = (key: string): boolean => this.isSecret(key) && !isWordOfModel(text, key);
    return text
      .replace(PAIR, (whole, before: string, key: string) => (isHidden(key) ? `${before}"${MASK}"` : whole))
      .replace(ESCAPED_PAIR, (whole, before: string, key: string, quote: string) =>
        isHidden(key) ? `${before}${quote}${MASK}${quote}` : whole,
      );
  }
}

/** Whether a key "token" stands for a word that a model made, as in OpenAI's `logprobs`. */
export function isWordOfModel(context: object | string, key: string): boolean {
  if (key !== "token") return false;
  return typeof context === "string" ? context.includes('"logprob') : "logprob" in context;
}

function normal(key: string): string {
  return key.toLowerCase().replace(/[-_.\s]/g, "");
}
