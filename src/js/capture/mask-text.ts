/**
 * Masking of values under secret keys within a text: JSON, also JSON in JSON (models return the arguments of tool
 * calls as text) and JSON that was cut, and headers, query strings and the like.
 *
 * The text is read once, by hand: regular expressions for it would take time that grows with the square of its
 * length. Quotes tell how deep they are by the backslashes before them: 0, then 1, 3, 7, since each text that is
 * quoted again doubles them and adds one.
 */

import { isDescription, isOfSchema } from "./secret-names.js";
import { BACKSLASH, isQuote, mayFollowSecretKey, mayHoldSecretKey, type SecretKeys } from "./secret-keys.js";

/** Recorded in place of a secret. */
export const MASK = "***";
/** The end of a longer key decides. */
const MAX_KEY_CHARACTERS = 256;
/** How far from a key "token" the word is looked for that makes it a token of a model's output. */
const LOGPROB_CHARACTERS = 40;
/** Names of headers. Others may be a word of a sentence or of code: a value is then one word, the last of its line. */
const HEADER = /[-_.]|^(?:authorization|cookie)$/i;
const LINE_BLANKS = " \t";
const PEM_BEGIN = "-----BEGIN";
const PEM_END = "-----END";
/** Values of JSON and Python that hold no secret. */
const CONSTANT = /^(?:true|false|null|none|undefined)$/i;

/** `text` with each value masked whose key is secret; the very text if there is none. */
export function maskText(text: string, keys: SecretKeys): string {
  if (!mayHoldSecretKey(text, keys)) return text;
  if (!text.includes("u0022")) return new TextMasking(text, keys).mask();
  const quoted = withQuotes(text);
  const masked = new TextMasking(quoted, keys).mask();
  return masked === quoted ? text : masked;
}

/** Writes a quote for its code, `\u0022`: .NET has the code in JSON in JSON. */
function withQuotes(text: string): string {
  const parts = text.split("u0022");
  const last = parts.pop() ?? "";
  const quoted = parts.map((part) => {
    let end = part.length;
    while (part.charCodeAt(end - 1) === BACKSLASH) end -= 1;
    return end === part.length ? `${part}u0022` : `${part}${"\\".repeat(part.length - end - 1)}"`;
  });
  return quoted.join("") + last;
}

/** Finds `mark` at or after a position that never decreases; -1 if there is none. */
function finder(text: string, mark: string): (from: number) => number {
  let found = text.indexOf(mark);
  return (from) => (found >= 0 && found < from ? (found = text.indexOf(mark, from)) : found);
}

/** A key before a colon or an equals sign. `quote` is empty if it has none. */
interface Key {
  readonly name: string;
  readonly quote: string;
  /** The number of backslashes before the quote. */
  readonly depth: number;
  /** Whether blanks part it from the colon or equals sign. */
  readonly isApart: boolean;
}

/** A text in quotes: its content, and where the text goes on. */
interface Quoted {
  readonly from: number;
  readonly to: number;
  readonly next: number;
  /** What closes the content if it was cut. */
  readonly missing: string;
}

class TextMasking {
  readonly #text: string;
  readonly #keys: SecretKeys;
  #masked = "";
  /** Up to here the text is in `#masked`. */
  #done = 0;
  /** The word that was read last, since one word may have many colons. */
  #word = { end: 0, isLast: false };

  constructor(text: string, keys: SecretKeys) {
    this.#text = text;
    this.#keys = keys;
  }

  mask(): string {
    const text = this.#text;
    const colons = finder(text, ":");
    const equals = finder(text, "=");
    for (let from = 0; ; ) {
      const colon = colons(from);
      const equal = equals(from);
      const at = colon < 0 || (equal >= 0 && equal < colon) ? equal : colon;
      if (at < 0) break;
      const key = mayFollowSecretKey(text, at, this.#keys) ? this.#keyBefore(at) : undefined;
      if (key !== undefined && this.#keys.isSecret(key.name)) this.#maskValue(key, at);
      from = Math.max(at + 1, this.#done);
    }
    return this.#done === 0 ? text : this.#masked + text.slice(this.#done);
  }

  #keyBefore(at: number): Key | undefined {
    const text = this.#text;
    const first = Math.max(this.#done, at - MAX_KEY_CHARACTERS);
    const end = this.#blanksBefore(at, first);
    const quote = text[end - 1] ?? "";
    if (end > first && isQuote(quote)) {
      const depth = this.#backslashesBefore(end - 1, first);
      const to = end - 1 - depth;
      let from = to - 1;
      while (from >= first && !(text[from] === quote && !isEscaped(this.#backslashesBefore(from, first), depth)))
        from -= 1;
      return { name: unescaped(text.slice(from + 1, to)), quote, depth, isApart: end !== at };
    }
    let from = end;
    while (from > first && isOfName(text.charCodeAt(from - 1))) from -= 1;
    return from === end
      ? undefined
      : { name: decoded(text.slice(from, end)), quote: "", depth: 0, isApart: end !== at };
  }

  #maskValue(key: Key, separator: number): void {
    const text = this.#text;
    let at = separator + 1;
    // `=>`, `:=` and `==` too.
    while (text[at] === "=" || text[at] === ">") at += 1;
    const isCode = at > separator + 1 || (key.isApart && text[separator] === "=");
    const start = this.#blanksAfter(at);
    const opening =
      this.#quoteAt(start) ?? ("bruBRU".includes(text[start] ?? "-") ? this.#quoteAt(start + 1) : undefined);
    if (opening !== undefined) return this.#maskQuoted(key, separator, opening);
    const first = text[start] ?? "";
    if (first === "{" || first === "[") {
      if (key.quote !== "" || text[separator] === ":") this.#maskStructure(key, start);
    } else if (key.quote !== "") {
      const end = this.#wordEndAt(start);
      if (isNumber(text.slice(start, end))) this.#replace(start, end, quotedMask(key));
    } else if (!isCode) {
      // In code, as in `token = next()`, only what is in quotes is a value.
      const line = this.#blanksAfter(at, LINE_BLANKS);
      if (text[separator] === ":") this.#maskLine(key, line);
      else if (line === at) this.#replace(at, this.#plainEnd(at), MASK);
    }
  }

  #maskQuoted(key: Key, separator: number, { from, to, next, missing }: Quoted): void {
    if (key.name === "token" && this.#isNearLogprob(separator, next)) return;
    if (to > from) this.#replace(from, to, MASK + missing);
  }

  #isNearLogprob(separator: number, next: number): boolean {
    const text = this.#text;
    const near = text.slice(separator - LOGPROB_CHARACTERS, separator) + text.slice(next, next + LOGPROB_CHARACTERS);
    return near.includes("logprob");
  }

  /** The value of a header, up to the end of its line or of the text in quotes that it is in. */
  #maskLine(key: Key, start: number): void {
    const text = this.#text;
    const isPem = text.startsWith(PEM_BEGIN, start);
    if (!isPem && !HEADER.test(key.name)) {
      if (this.#word.end <= start) {
        const end = this.#plainEnd(start);
        const next = text[this.#blanksAfter(end, LINE_BLANKS)] ?? "\n";
        this.#word = { end, isLast: "\n\r\\\"'`".includes(next) };
      }
      if (this.#word.isLast) this.#replace(start, this.#word.end, MASK);
      return;
    }
    let end = isPem ? this.#plainEnd(start) : start;
    for (; end < text.length; end += 1) {
      const character = text[end]!;
      if (character === "\n" || character === "\r" || (character === "\\" && this.#blanksAfter(end) > end)) break;
      const opening = this.#quoteAt(end);
      if (opening === undefined) continue;
      // The quotes of a value within, as in `Cookie: name="value"`; base64 may end in "=".
      let before = end - 1;
      while (text[before] === " ") before -= 1;
      if (text[before] !== "=" || !isOfName(text.charCodeAt(opening.from))) break;
      end = opening.next - 1;
    }
    this.#replace(start, end, MASK);
  }

  /** The end of a value in a query string, a form or an environment. */
  #plainEnd(start: number): number {
    const text = this.#text;
    if (text.startsWith(PEM_BEGIN, start)) {
      const last = text.indexOf(PEM_END, start);
      const end = last < 0 ? -1 : text.indexOf("-----", last + PEM_END.length);
      return end < 0 ? text.length : end + "-----".length;
    }
    let end = start;
    while (end < text.length && !" \t\n\r&;\"'`<>".includes(text[end]!)) end += 1;
    // The backslashes of a quote are not the value's.
    return end < text.length && isQuote(text[end]!) ? end - this.#backslashesBefore(end, start) : end;
  }

  /** Masks all texts, numbers and words of an object or a list; of a schema those that do not describe. */
  #maskStructure(key: Key, start: number): void {
    const text = this.#text;
    const edits: { from: number; to: number; mask: string; describes: boolean }[] = [];
    let level = 0;
    // The name of the member that `at` is in, and of the one around it at the first level.
    let member = "";
    let outerMember = "";
    let isSchema = false;
    let at = start;
    /** Reads a text, number or word and goes on at `next`: a name of a member is noted, a value is to be masked. */
    const take = (from: number, to: number, next: number, mask: string): void => {
      const after = this.#blanksAfter(next);
      const value = text.slice(from, Math.min(to, from + MAX_KEY_CHARACTERS));
      if (text[after] === ":") {
        member = unescaped(value);
        if (level === 1) outerMember = member;
        isSchema ||= text[start] === "{" && level === 1 && member !== "type" && isOfSchema(member, undefined);
        at = after + 1;
        return;
      }
      isSchema ||= text[start] === "{" && level <= 2 && outerMember === "type" && isOfSchema("type", value);
      if (to > from)
        edits.push({ from, to, mask, describes: isDescription(outerMember) && !this.#keys.isSecret(member) });
      at = next;
    };
    while (at < text.length) {
      const character = text[at]!;
      const opening = this.#quoteAt(at);
      if (opening !== undefined) {
        // A quote with fewer backslashes ends the text that the structure is in.
        if (opening.from - 1 - at < key.depth) break;
        take(opening.from, opening.to, opening.next, MASK + opening.missing);
      } else if (character === "{" || character === "[") {
        level += 1;
        at += 1;
      } else if (character === "}" || character === "]") {
        level -= 1;
        at += 1;
        if (level === 0) break;
      } else {
        const end = this.#wordEndAt(at);
        const word = text.slice(at, Math.min(end, at + MAX_KEY_CHARACTERS));
        if (end === at || CONSTANT.test(word)) at = Math.max(end, this.#blanksAfter(at), at + 1);
        else take(at, end, end, quotedMask(key));
      }
    }
    // Only now is known whether it is a schema.
    for (const { from, to, mask, describes } of edits) if (!isSchema || !describes) this.#replace(from, to, mask);
    // The search for keys goes on behind the structure.
    this.#replace(at, at, "");
  }

  /** The end of a word or number outside of quotes. */
  #wordEndAt(start: number): number {
    const text = this.#text;
    let end = start;
    while (end < text.length && !" \t\n\r,:{}[]\"'`\\".includes(text[end]!)) end += 1;
    return end;
  }

  /** The text in quotes that begins at `at`, with its backslashes; `undefined` if none does. */
  #quoteAt(at: number): Quoted | undefined {
    const text = this.#text;
    let open = at;
    while (text.charCodeAt(open) === BACKSLASH) open += 1;
    const quote = text[open] ?? "";
    if (!isQuote(quote)) return undefined;
    const depth = open - at;
    const from = open + 1;
    for (let close = text.indexOf(quote, from); close >= 0; close = text.indexOf(quote, close + 1)) {
      const backslashes = this.#backslashesBefore(close, from);
      if (isEscaped(backslashes, depth)) continue;
      // Other quotes end the text that these are in: they keep their backslashes.
      const isOwn = backslashes % (2 * (depth + 1)) === depth;
      const to = close - (isOwn ? depth : backslashes);
      return isOwn ? { from, to, next: close + 1, missing: "" } : { from, to, next: to, missing: "" };
    }
    return { from, to: text.length, next: text.length, missing: text.slice(at, from) };
  }

  #backslashesBefore(at: number, first: number): number {
    let from = at;
    while (from > first && this.#text.charCodeAt(from - 1) === BACKSLASH) from -= 1;
    return at - from;
  }

  /** The beginning of the blanks that end at `at`, also of those that are escaped (`\n`). */
  #blanksBefore(at: number, first: number): number {
    const text = this.#text;
    let from = at;
    while (from > first) {
      const character = text[from - 1]!;
      if (isBlank(character)) from -= 1;
      else if ("nrt".includes(character) && from - 1 > first && text.charCodeAt(from - 2) === BACKSLASH)
        from -= 1 + this.#backslashesBefore(from - 1, first);
      else break;
    }
    return from;
  }

  /** The end of the blanks that begin at `at`, also of those that are escaped (`\n`). */
  #blanksAfter(at: number, blanks?: string): number {
    const text = this.#text;
    let end = at;
    for (;;) {
      const character = text[end] ?? "";
      if (character !== "" && (blanks?.includes(character) ?? isBlank(character))) {
        end += 1;
        continue;
      }
      if (character !== "\\" || blanks !== undefined) return end;
      let next = end;
      while (text.charCodeAt(next) === BACKSLASH) next += 1;
      if (next >= text.length || !"nrt".includes(text[next]!)) return end;
      end = next + 1;
    }
  }

  #replace(from: number, to: number, mask: string): void {
    if ((to === from && mask !== "") || this.#text.slice(from, to) === MASK) return;
    this.#masked += this.#text.slice(this.#done, from) + mask;
    this.#done = to;
  }
}

function quotedMask({ quote, depth }: Key): string {
  const own = "\\".repeat(depth) + (quote || '"');
  return own + MASK + own;
}

function isBlank(character: string): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r" || character === "\u00a0";
}

/** Whether a quote with that many backslashes is part of a text whose own quotes have `depth`. */
function isEscaped(backslashes: number, depth: number): boolean {
  return backslashes % (2 * (depth + 1)) === 2 * depth + 1;
}

/** Whether a character may be part of a key without quotes. */
function isOfName(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code > 0x7f ||
    "_-.%[]".includes(String.fromCharCode(code))
  );
}

function isNumber(word: string): boolean {
  return /^-?[\d.][\d.eE+-]*$/.test(word);
}

/** A key without its escapes; what a backslash precedes does not matter, but for the code of a character. */
function unescaped(key: string): string {
  if (!key.includes("\\")) return key;
  return key.replace(/\\+(?:u([0-9a-fA-F]{4}))?/g, (_, code?: string) =>
    code === undefined ? "" : String.fromCharCode(parseInt(code, 16)),
  );
}

/** A name of a query string without its escapes. */
function decoded(name: string): string {
  if (!name.includes("%")) return name;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
