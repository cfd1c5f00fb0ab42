/** One conversation as far as it went: what each of its messages said, and what the core calls it so far. */

import { isStillSaid } from "./picture.js";

/** A conversation, message by message. Only ever grows. */
export class Line {
  // Nearly all messages are a role and a text, and all of them are looked at for each one that is new:
  // lists of just these two are a third faster to go through than pictures.
  readonly #roles: (string | undefined)[] = [];
  /** Where a message is more than that, its picture. */
  readonly #contents: unknown[] = [];
  readonly #numbers: number[] = [];

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
  push(role: string | undefined, content: unknown, number: number): void {
    this.#roles.push(role);
    this.#contents.push(content);
    this.#numbers.push(number);
  }

  /** A line of its own that begins with the first `count` messages of this one. */
  branch(count: number): Line {
    const branch = new Line();
    branch.characters = this.characters;
    for (let at = 0; at < count; at++) branch.push(this.#roles[at], this.#contents[at], this.#numbers[at]!);
    return branch;
  }

  /** How many of the first `count` messages of a history say what those of this line say. Throws what reading throws. */
  likeness(messages: readonly unknown[], count: number): number {
    const roles = this.#roles;
    const contents = this.#contents;
    for (let at = 0; at < count; at++) if (!isStillSaid(roles[at], contents[at], messages[at])) return at;
    return count;
  }
}
