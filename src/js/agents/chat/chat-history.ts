/** The messages that an agent has sent and received, by the other agent (AG2: `ConversableAgent._oai_messages`). */

import type { Agent } from "../types.js";
import { AgentError } from "../util/errors.js";
import { type ChatMessage, type MessageInput, normalizeMessage } from "../message/message.js";
import { warn } from "../util/warn.js";

/** The conversations of one agent. */
export class ChatHistory {
  /** The messages, by the agent that they were exchanged with. */
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

  /** Adds a message to the conversation with `agent`; returns false, and adds nothing, if it is invalid. */
  append(message: MessageInput, agent: Agent, role: "assistant" | "user", name: string): boolean {
    const normalized = normalizeMessage(message, name, role);
    if (normalized === undefined) return false;
    this.with(agent).push(normalized);
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
      if (messages === undefined)
        throw new AgentError("no_history", `there is no conversation with agent \`${agent.name}\``);
      return messages.at(-1);
    }
    if (this.conversations.size > 1) {
      throw new AgentError("missing_sender", "there are several conversations: name the agent");
    }
    return [...this.conversations.values()][0]?.at(-1);
  }

  /**
   * Clears the conversation with `agent`, or all but the newest `nrMessagesToPreserve` messages of
   * every conversation. The message before preserved tool responses is preserved too, because a
   * model rejects responses without their calls (AG2: `clear_history`).
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
