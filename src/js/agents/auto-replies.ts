/** How often an agent may answer by itself before a person, or the end, has its turn (AG2: `_consecutive_auto_reply_counter`, `_max_consecutive_auto_reply_dict`). */

import type { Agent } from "./agent.js";

/** The counts and limits of one agent, by the agent it talks to. */
export class AutoReplies {
  #defaultLimit: number;
  readonly #limits = new Map<Agent | undefined, number>();
  readonly #counts = new Map<Agent | undefined, number>();

  constructor(limit: number) {
    this.#defaultLimit = limit;
  }

  /** The limit towards `sender`, or the general one. */
  limit(sender?: Agent): number {
    return this.#limits.get(sender) ?? this.#defaultLimit;
  }

  /** Sets the limit towards `sender`, or everybody's. */
  setLimit(value: number, sender?: Agent): void {
    if (sender !== undefined) {
      this.#limits.set(sender, value);
      return;
    }
    this.#defaultLimit = value;
    this.#limits.clear();
  }

  /** How many replies in a row `sender` got without a person's help. */
  count(sender: Agent | undefined): number {
    return this.#counts.get(sender) ?? 0;
  }

  /** One more. */
  increment(sender: Agent | undefined): void {
    this.#counts.set(sender, this.count(sender) + 1);
  }

  /** Starts counting anew for `sender`. */
  reset(sender: Agent | undefined): void {
    this.#counts.set(sender, 0);
  }

  /** Starts counting anew for everybody. */
  resetAll(): void {
    this.#counts.clear();
  }
}
