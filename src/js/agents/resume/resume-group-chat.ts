/** Resuming of group chats (AG2: agentchat/groupchat.py, `GroupChatManager.resume`). */

import type { Agent } from "../types.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { GroupChatManager } from "../group-chat/group-chat-manager.js";
import { type ChatMessage, contentText } from "../message/message.js";
import { printLine } from "../console/printer.js";
import { warn } from "../util/warn.js";

/** Options of `resumeGroupChat`. */
export interface ResumeOptions {
  /**
   * The messages of the earlier chat: its `groupChat.messages`, or their text by `messagesToString`. They are copied.
   */
  messages: readonly ChatMessage[] | string;
  /** A text to remove from the last message, or a function that removes it, so that the chat does not end at once. */
  removeTerminationString?: string | ((content: string) => string) | null | undefined;
  /** Whether the notice is kept off the terminal. */
  silent?: boolean | undefined;
}

/**
 * Restores the messages of an earlier group chat, in the group and in every member's history.
 * Continue with `lastAgent.initiateChat(manager, { message: lastMessage, clearHistory: false })`.
 *
 * It is a function, not a method as in AG2, so that only pages that use it load it.
 *
 * @returns the last speaker and its message, which is not restored, because the chat continues with it
 * @throws AgentError if the messages are not those of such a group
 * @example
 * const manager = new GroupChatManager({ groupChat: new GroupChat({ agents: [user, guide, assistant] }), llmConfig });
 * const options = { messages: localStorage["chat"] as string, removeTerminationString: "TERMINATE" };
 * const [lastAgent, message] = await resumeGroupChat(manager, options);
 * await lastAgent?.initiateChat(manager, { message, clearHistory: false });
 */
export async function resumeGroupChat(
  manager: GroupChatManager,
  { messages: given, removeTerminationString: remove, silent = false }: ResumeOptions,
): Promise<[lastAgent: ConversableAgent | undefined, lastMessage: ChatMessage]> {
  const messages = parseMessages(given);
  const { groupChat } = manager;
  for (const agent of groupChat.agents) agent.clearHistory();
  manager.clearHistory();
  groupChat.reset();
  checkMessages(messages, manager);

  // Messages of a chat result, unlike the group's, do not name the manager.
  for (const message of messages) message.name ??= manager.name;
  for (const message of messages.slice(0, -1)) await restoreMessage(message, manager);
  const last = messages.at(-1) as ChatMessage;
  const lastAgent = speakerOf(last, manager) ?? (last.name === groupChat.adminName ? manager : undefined);
  if (remove != null && last.content) {
    const text = contentText(last.content);
    last.content = typeof remove === "string" ? text.replaceAll(remove, "") : remove(text);
  }
  if (await manager.isTerminationMsg(last, { scope: undefined, agent: manager })) {
    warn(
      "the last message meets the termination condition of the manager, which may end the chat at once: " +
        "give `removeTerminationString`",
    );
  }
  if (!silent) printLine(`Prepared group chat with ${messages.length} messages, the last speaker is ${last.name}`);
  groupChat.sendIntroductions = false;
  return [lastAgent, last];
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

function parseMessages(given: readonly ChatMessage[] | string): ChatMessage[] {
  const messages: unknown = typeof given === "string" ? messagesFromString(given) : given;
  if (
    !Array.isArray(messages) ||
    messages.some((message: unknown) => typeof message !== "object" || message === null)
  ) {
    throw new AgentError("invalid_option", "`messages` must be a list of messages, or the JSON text of one");
  }
  // Copied to the depth that sending changes.
  return (messages as ChatMessage[]).map((message) => ({
    ...message,
    ...(message.tool_responses && { tool_responses: message.tool_responses.map((response) => ({ ...response })) }),
  }));
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

/**
 * The messages in a text of `messagesToString`.
 *
 * @throws AgentError for any other text
 * @example
 * for (const { name, content } of messagesFromString(localStorage["chat"] as string)) console.log(name, content);
 */
export function messagesFromString(text: string): ChatMessage[] {
  try {
    return JSON.parse(text) as ChatMessage[];
  } catch (cause) {
    throw new AgentError(
      "invalid_option",
      "the text of the messages is not JSON: give one that `messagesToString` made",
      { cause },
    );
  }
}

/**
 * The messages as JSON text, to be stored for `resumeGroupChat`.
 *
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant] });
 * await user.initiateChat(new GroupChatManager({ groupChat, llmConfig }), { message: "Plan two days in Lisbon." });
 * localStorage["chat"] = messagesToString(groupChat.messages);
 */
export function messagesToString(messages: readonly ChatMessage[]): string {
  return JSON.stringify(messages);
}
