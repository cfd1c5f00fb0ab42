/** One conversation: the messages captured so far, and the core's id of each prefix. */

import { isUnchanged } from "./snapshot.js";

/** The captured messages of one conversation. Messages are only ever appended. */
export class CachedHistory {
  // Nearly all messages are a role and a text, and all of them are compared for each new one: arrays of
  // just these two are a third faster to iterate than snapshots.
  readonly #roles: (string | undefined)[] = [];
  /** The text of each message; its snapshot if it is more than a role and a text. */
  readonly #contents: unknown[] = [];
  readonly #coreIds: number[] = [];

  /** The most characters that the JSON text of all messages has: a branch counts those of its whole origin. */
  characters = 0;

  /** The number of messages. */
  get length(): number {
    return this.#coreIds.length;
  }

  /** The core's id of the history of the first `count` messages; 0 for none. */
  coreId(count: number): number {
    return count === 0 ? 0 : this.#coreIds[count - 1]!;
  }

  /** Appends a message; `coreId` is the core's id of the history that ends with it. */
  push(role: string | undefined, content: unknown, coreId: number): void {
    this.#roles.push(role);
    this.#contents.push(content);
    this.#coreIds.push(coreId);
  }

  /** A separate history that starts with the first `count` messages of this one. */
  branch(count: number): CachedHistory {
    const branch = new CachedHistory();
    branch.characters = this.characters;
    for (let at = 0; at < count; at++) branch.push(this.#roles[at], this.#contents[at], this.#coreIds[at]!);
    return branch;
  }

  /** How many of the first `count` messages equal those cached here, from the start. Throws what reading throws. */
  commonPrefixLength(messages: readonly unknown[], count: number): number {
    const roles = this.#roles;
    const contents = this.#contents;
    for (let at = 0; at < count; at++) if (!isUnchanged(roles[at], contents[at], messages[at])) return at;
    return count;
  }
}
