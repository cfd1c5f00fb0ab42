/** What an agent has said and been told, by the agent it talked to (AG2: `ConversableAgent._oai_messages`). */

import type { Agent } from "./agent.js";
import { AgentError } from "./errors.js";
import { type ChatMessage, type MessageInput, normalizeMessage } from "./message.js";
import { warn } from "./warn.js";

/** The conversations of one agent. */
export class ChatHistory {
  /** The messages by the agent they were exchanged with. */
  readonly conversations: Map<Agent, ChatMessage[]>;

  constructor(conversations?: Iterable<readonly [Agent, ChatMessage[]]>) {
    this.conversations = new Map(conversations);
  }

  /** The conversation with `agent`; a new, empty one if there was none. */
  with(agent: Agent): ChatMessage[] {
    const messages = this.conversations.get(agent) ?? [];
    this.conversations.set(agent, messages);
    return messages;
  }

  /** Adds a message to the conversation with `agent`; false, and nothing added, if it is no valid message. */
  append(message: MessageInput, agent: Agent, role: "assistant" | "user", name: string): boolean {
    const kept = normalizeMessage(message, name, role);
    if (kept === undefined) return false;
    this.with(agent).push(kept);
    return true;
  }

  /**
   * The newest message of the conversation with `agent`, or of the only conversation
   * (AG2: `last_message`).
   *
   * @throws AgentError if there is no conversation with `agent`, or several and none is named
   */
  last(agent?: Agent): ChatMessage | undefined {
    if (agent !== undefined) {
      const messages = this.conversations.get(agent);
      if (messages === undefined) throw new AgentError("no_history", `there is no conversation with agent \`${agent.name}\``);
      return messages.at(-1);
    }
    if (this.conversations.size > 1) {
      throw new AgentError("missing_sender", "there are several conversations: name the agent");
    }
    return [...this.conversations.values()][0]?.at(-1);
  }

  /**
   * Forgets the conversation with `agent`, or all but the newest `nrMessagesToPreserve` messages of
   * every conversation. Tool responses keep the message with their calls, because a model refuses
   * one without the other (AG2: `clear_history`).
   */
  clear(agent?: Agent, nrMessagesToPreserve = 0): void {
    if (agent !== undefined) {
      this.conversations.set(agent, []);
      if (nrMessagesToPreserve > 0) warn("`nrMessagesToPreserve` is ignored for one agent");
    } else if (nrMessagesToPreserve > 0) {
      for (const [other, messages] of this.conversations) {
        const oldest = Math.max(0, messages.length - nrMessagesToPreserve);
        const isSplit = oldest > 0 && messages[oldest]?.tool_responses !== undefined;
        this.conversations.set(other, messages.slice(isSplit ? oldest - 1 : oldest));
      }
    } else {
      this.conversations.clear();
    }
  }
}
