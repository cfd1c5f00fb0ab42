/**
 * Counts of consecutive automatic replies, and their limits (AG2: `_consecutive_auto_reply_counter`,
 * `_max_consecutive_auto_reply_dict`).
 */

import type { Agent } from "../types.js";

/** The counts and limits of one agent, by the agent it replies to. */
export class AutoReplies {
  #defaultLimit: number;
  readonly #limits = new Map<Agent | undefined, number>();
  readonly #counts = new Map<Agent | undefined, number>();

  constructor(limit: number) {
    this.#defaultLimit = limit;
  }

  /** The limit for `sender`, or the general one. */
  limit(sender?: Agent): number {
    return this.#limits.get(sender) ?? this.#defaultLimit;
  }

  /** Sets the limit for `sender`, or for all agents. */
  setLimit(value: number, sender?: Agent): void {
    if (sender !== undefined) {
      this.#limits.set(sender, value);
      return;
    }
    this.#defaultLimit = value;
    this.#limits.clear();
  }

  /** The number of consecutive replies to `sender` without a person. */
  count(sender: Agent | undefined): number {
    return this.#counts.get(sender) ?? 0;
  }

  /** Counts a reply. */
  increment(sender: Agent | undefined): void {
    this.#counts.set(sender, this.count(sender) + 1);
  }

  /** Resets the count for `sender`. */
  reset(sender: Agent | undefined): void {
    this.#counts.set(sender, 0);
  }

  /** Resets all counts. */
  resetAll(): void {
    this.#counts.clear();
  }
}
