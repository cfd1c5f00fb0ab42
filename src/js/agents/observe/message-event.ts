/** The messages that agents receive, for observers. */

import type { ChatMessage } from "../message/message.js";
import type { Named } from "./observer.js";

/**
 * A message that an agent has received: AG2's `received_message` event (conversable_agent.py,
 * `_process_received_message`).
 */
export interface MessageEvent {
  /** The agent that sent it; for copies in a group chat, the manager. */
  sender: Named;
  /** The agent that received it. */
  recipient: Named;
  /** The message as it was passed to `receive`: text, or a message object. */
  message: string | ChatMessage;
  /** Whether it is a valid chat message. */
  valid: boolean;
  /**
   * Set on copies: the agent that the original message is from. A message of a group chat's member
   * is reported once, with the scope of its reply and without this field, when the manager receives
   * it; the manager then sends a copy to every other member. Introductions, and old messages that
   * `resumeGroupChat` restores, are copies too.
   */
  broadcastOf?: Named;
}
