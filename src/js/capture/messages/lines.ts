/**
 * Messages that were captured before, and the conversations that they form: what the core knows
 * already crosses as a number, so that a history that has grown by one message crosses as one message.
 *
 * A line is one conversation as far as it went, message by message. A history is recognised by the
 * newest of its messages that is known, and only as far as every message before that one still says
 * what it said; from there on it is captured anew.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { captureRules, jsonOf } from "../capture.js";
import { Line } from "./line.js";
import { isStillSaid, takePicture, takeText } from "./picture.js";

/** Messages at the end of a history that may all be new before it is looked up otherwise. */
const LOOK_BACK = 8;
/** Conversations that are recognised although none of their message objects is known: programs that copy their history. */
const RECENT_LINES = 8;
/** Text of messages that the core holds for us at most; beyond it all is captured once more. */
const MAX_CHARACTERS = 16 << 20;

interface Known {
  /** `undefined` for a message that is more than a role and a text. */
  readonly role: string | undefined;
  /** The text; the picture of such a message. */
  readonly content: unknown;
  /** What the core calls its text. */
  readonly text: number;
  readonly characters: number;
  /** Where it was seen last. */
  line: Line | undefined;
  index: number;
}

/** Recognises messages and histories. What it gives are numbers of the core, good until `forget()`. */
export class Lines {
  readonly #bridge: Bridge;
  #known = new WeakMap<object, Known>();
  #recent: Line[] = [];
  #characters = 0;
  #rules = captureRules();

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  /** The number of one message; 0 if it cannot be remembered: not all plain data. Throws what reading throws. */
  message(message: object): number {
    return this.#message(message)?.text ?? 0;
  }

  /** The number of the conversation of these messages; 0 if one of them cannot be remembered. Throws what reading throws. */
  history(messages: readonly unknown[]): number {
    const count = messages.length;
    if (count === 0 || "toJSON" in messages) return 0;
    const found = this.#find(messages);
    const kept = found.index;
    let line = found.line;
    if (kept < count && kept < line.length) line = line.branch(kept);
    for (let at = kept; at < count; at++) if (!this.#append(line, messages[at])) return 0;
    if (kept < count) this.#remember(line);
    // What is too much for one value is cut, which only whoever captures it whole can do.
    return line.characters > captureRules().maxValueCharacters ? 0 : line.number(count);
  }

  /**
   * Forgets everything when it has become too much, and when other rules say what may be kept of a
   * value. For before a value is captured: the numbers of one list must hold while the next is looked at.
   */
  keepUp(): void {
    const rules = captureRules();
    if (this.#characters > MAX_CHARACTERS || rules !== this.#rules) this.forget();
    this.#rules = rules;
  }

  /** Forgets everything. */
  forget(): void {
    if (this.#characters === 0) return;
    this.#known = new WeakMap();
    this.#recent = [];
    this.#characters = 0;
    this.#bridge.tracer.forgetMessages();
  }

  /** The line that these messages begin like, and how many of them are as in it. */
  #find(messages: readonly unknown[]): { line: Line; index: number } {
    const count = messages.length;
    const first = Math.max(0, count - LOOK_BACK);
    for (let at = count - 1; at >= first; at--) {
      const known = this.#known.get(messages[at] as object);
      if (known?.line !== undefined && known.index === at)
        return { line: known.line, index: known.line.likeness(messages, at + 1) };
    }
    let best: { line: Line; index: number } = { line: new Line(), index: 0 };
    for (const line of this.#recent) {
      const index = line.likeness(messages, Math.min(count, line.length));
      if (index > best.index) best = { line, index };
    }
    return best;
  }

  #append(line: Line, message: unknown): boolean {
    if (typeof message !== "object" || message === null) return false;
    const known = this.#message(message);
    if (known === undefined) return false;
    known.line = line;
    known.index = line.length;
    line.push(known.role, known.content, this.#bridge.tracer.follow(line.number(line.length), known.text));
    line.characters += known.characters;
    return true;
  }

  #message(message: object): Known | undefined {
    const before = this.#known.get(message);
    if (before !== undefined && isStillSaid(before.role, before.content, message)) return before;
    const said = takeText(message);
    const taken = said === undefined ? takePicture(message) : undefined;
    const copy = said ?? taken?.copy;
    if (copy === undefined) return undefined;
    const text = jsonOf(copy);
    this.#characters += text.length;
    const number = this.#bridge.tracer.message(this.#bridge.text(text));
    const known: Known = {
      role: said?.role,
      content: said === undefined ? taken?.picture : said.content,
      text: number,
      characters: text.length,
      line: undefined,
      index: 0,
    };
    this.#known.set(message, known);
    return known;
  }

  #remember(line: Line): void {
    if (this.#recent[0] === line) return;
    this.#recent = [line, ...this.#recent.filter((other) => other !== line)].slice(0, RECENT_LINES);
  }
}
