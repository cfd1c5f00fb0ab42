/**
 * The conversations of chats. A chat that continues the last one between the same two agents (`clearHistory: false`)
 * has the id of that one, and MLflow shows both traces as one session, unless the program has set a session. A chat
 * that nothing continues is no session.
 */

import type { StartDetails } from "../agents/observe/observer.js";

/** A conversation, as its newest chat knows it. */
export interface Conversation {
  /** The id of its first chat. */
  readonly id: string;
  /** The id of the trace that the newest chat was part of. */
  readonly traceId: string;
}

/** The newest conversation between each two agents, which are held weakly. */
export class ConversationIds {
  readonly #known = new WeakMap<object, WeakMap<object, Conversation>>();

  /** The conversation that a chat continues; `undefined` if it starts a new one. */
  find({ sender, recipient, clearHistory }: StartDetails["chat"]): Conversation | undefined {
    return clearHistory ? undefined : this.#known.get(sender)?.get(recipient);
  }

  /** Sets the newest conversation between two agents. */
  set({ sender, recipient }: StartDetails["chat"], conversation: Conversation): void {
    for (const [one, other] of [
      [sender, recipient],
      [recipient, sender],
    ] as const) {
      const known = this.#known.get(one) ?? new WeakMap<object, Conversation>();
      this.#known.set(one, known.set(other, conversation));
    }
  }
}
