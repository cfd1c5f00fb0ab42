/**
 * Which conversation a chat is part of. A chat is one of its own, with its chat id for a name, unless
 * it goes on where the last one between the same two agents ended (`clearHistory: false`): then it
 * has that one's name, and MLflow shows both traces as one session, if the program has named none.
 */

import type { StartDetails } from "../agents/observe/observer.js";

/** The newest conversation between each two agents. Weak: agents that are gone leave nothing. */
export class ConversationIds {
  readonly #known = new WeakMap<object, WeakMap<object, string>>();

  /** The name of the conversation that a chat goes on with; `undefined` if it begins a new one. */
  continued({ sender, recipient, clearHistory }: StartDetails["chat"]): string | undefined {
    return clearHistory ? undefined : this.#known.get(sender)?.get(recipient);
  }

  /** Notes the newest conversation between two agents. */
  note({ sender, recipient }: StartDetails["chat"], id: string): void {
    for (const [one, other] of [
      [sender, recipient],
      [recipient, sender],
    ] as const) {
      const known = this.#known.get(one) ?? new WeakMap<object, string>();
      this.#known.set(one, known.set(other, id));
    }
  }
}
