/** One conversation as far as it went: what each of its messages said, and what the core calls it so far. */

import { isUnchanged, type Picture } from "./picture.js";

/** Stands where a message is more than a role and a text. */
const MORE = Symbol();

/** A conversation, message by message. Only ever grows. */
export class Line {
  readonly #pictures: Picture[] = [];
  readonly #numbers: number[] = [];
  // Nearly all messages are a role and a text, and all of them are looked at for each one that is new:
  // lists of just these two are a third faster to go through than pictures.
  readonly #roles: unknown[] = [];
  readonly #contents: unknown[] = [];

  /** Characters of JSON text of all its messages, at most: a branch counts those of the whole line it comes from. */
  characters = 0;

  /** How many messages it has. */
  get length(): number {
    return this.#numbers.length;
  }

  /** What the core calls the conversation of its first `count` messages. */
  number(count: number): number {
    return count === 0 ? 0 : this.#numbers[count - 1]!;
  }

  /** Goes on with a message; `number` is what the core calls the conversation then. */
  push(picture: Picture, number: number, characters: number): void {
    const { keys, values } = picture;
    const isText = keys.length === 2 && keys[0] === "role" && keys[1] === "content" && typeof values[1] === "string";
    this.#pictures.push(picture);
    this.#numbers.push(number);
    this.characters += characters;
    this.#roles.push(isText ? values[0] : MORE);
    this.#contents.push(isText ? values[1] : MORE);
  }

  /** A line of its own that begins with the first `count` messages of this one. */
  branch(count: number): Line {
    const branch = new Line();
    branch.characters = this.characters;
    for (let at = 0; at < count; at++) branch.push(this.#pictures[at]!, this.#numbers[at]!, 0);
    return branch;
  }

  /** How many of the first `count` messages of a history say what those of this line say. Throws what reading throws. */
  likeness(messages: readonly unknown[], count: number): number {
    for (let at = 0; at < count; at++) {
      const message = messages[at];
      const content = this.#contents[at];
      if (content === MORE ? !isUnchanged(this.#pictures[at]!, message) : !isText(message, this.#roles[at], content)) return at;
    }
    return count;
  }
}

/** Whether `JSON.stringify` would say that message is this role and this text, and nothing else. */
function isText(message: unknown, role: unknown, content: unknown): boolean {
  if (typeof message !== "object" || message === null) return false;
  const said = message as { role?: unknown; content?: unknown; toJSON?: unknown };
  if (said.content !== content || said.role !== role || said.toJSON !== undefined || Array.isArray(said)) return false;
  let count = 0;
  // Inherited names show up here as well: then the prototype is not what it was.
  for (const key in said) {
    if (count === 0 && key !== "role") return false;
    count++;
  }
  return count === 2;
}
