/**
 * The conversation ids of chats. A chat has its own chat id, unless it continues the last one between the
 * same two agents (`clearHistory: false`): then it has the id of that one, and MLflow shows both traces as
 * one session, unless the program has set a session.
 */

import type { StartDetails } from "../agents/observe/observer.js";

/** The newest conversation between each two agents, which are held weakly. */
export class ConversationIds {
  readonly #known = new WeakMap<object, WeakMap<object, string>>();

  /** The id of the conversation that a chat continues; `undefined` if it starts a new one. */
  find({ sender, recipient, clearHistory }: StartDetails["chat"]): string | undefined {
    return clearHistory ? undefined : this.#known.get(sender)?.get(recipient);
  }

  /** Sets the newest conversation between two agents. */
  set({ sender, recipient }: StartDetails["chat"], id: string): void {
    for (const [one, other] of [
      [sender, recipient],
      [recipient, sender],
    ] as const) {
      const known = this.#known.get(one) ?? new WeakMap<object, string>();
      this.#known.set(one, known.set(other, id));
    }
  }
}
