/** The restoring of the messages of an earlier group chat (AG2: agentchat/groupchat.py, `GroupChatManager.resume`). */

import type { Agent } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { GroupChatManager } from "../group-chat/group-chat-manager.js";
import type { ChatMessage } from "../message/message.js";

/**
 * Restores messages in the group and in every member's history, but for the last one.
 *
 * @returns the last speaker and a copy of its message
 * @throws AgentError if the messages are not those of such a group
 */
export async function restoreGroupChat(
  manager: GroupChatManager,
  given: readonly ChatMessage[],
): Promise<[lastAgent: ConversableAgent | undefined, lastMessage: ChatMessage]> {
  const messages = given.map(copyOf);
  const { groupChat } = manager;
  for (const agent of groupChat.agents) agent.clearHistory();
  manager.clearHistory();
  groupChat.reset();
  checkMessages(messages, manager);

  // Messages of a chat result, unlike the group's, do not name the manager.
  for (const message of messages) message.name ??= manager.name;
  for (const message of messages.slice(0, -1)) await restoreMessage(message, manager);
  const last = messages.at(-1) as ChatMessage;
  groupChat.sendIntroductions = false;
  return [speakerOf(last, manager) ?? (last.name === groupChat.adminName ? manager : undefined), last];
}

/** A copy to the depth that sending changes. */
function copyOf(message: ChatMessage): ChatMessage {
  const { tool_responses: responses } = message;
  return { ...message, ...(responses && { tool_responses: responses.map((response) => ({ ...response })) }) };
}

/**
 * Sends a message again as in the earlier chat: from its speaker to the manager, from there to the others, without
 * replies.
 */
async function restoreMessage(message: ChatMessage, manager: GroupChatManager): Promise<void> {
  const { groupChat } = manager;
  const speaker = speakerOf(message, manager);
  // Observers get it as a copy, because it belongs to an earlier chat.
  const options = {
    requestReply: false,
    silent: true,
    context: { broadcastOf: speaker ?? { name: String(message.name) } },
  };
  for (const agent of groupChat.agents) {
    if (agent.name === message.name) await agent.send(message, manager, options);
    else await manager.send(message, agent, options);
  }
  if (speaker !== undefined) groupChat.append(message, speaker);
  else groupChat.messages.push(message);
}

function speakerOf({ name }: ChatMessage, manager: GroupChatManager): ConversableAgent | undefined {
  return manager.groupChat.agentByName(String(name)) ?? (name === manager.name ? manager : undefined);
}

function checkMessages(messages: readonly ChatMessage[], manager: GroupChatManager): void {
  if (messages.length === 0) {
    throw new AgentError(
      "no_history",
      "there are no messages to resume the group chat with: begin a new one with `initiateChat`",
    );
  }
  const known: readonly Agent[] = [...manager.groupChat.agents, manager];
  for (const { name } of messages) {
    if (name && name !== manager.groupChat.adminName && !known.some((agent) => agent.name === name)) {
      throw new AgentError(
        "invalid_name",
        `a message is from \`${name}\`, which is not in the group chat: add an agent of that name`,
      );
    }
  }
}
