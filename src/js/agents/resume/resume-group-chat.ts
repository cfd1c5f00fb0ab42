/** Going on with an earlier group chat (AG2: agentchat/groupchat.py, `GroupChatManager.resume`). */

import type { Agent } from "../agent.js";
import type { ConversableAgent } from "../conversable-agent.js";
import { AgentError } from "../errors.js";
import type { GroupChatManager } from "../group-chat-manager.js";
import { type ChatMessage, contentText } from "../message.js";
import { printLine } from "../console/printer.js";
import { warn } from "../warn.js";

/** Options of `resumeGroupChat`. */
export interface ResumeOptions {
  /** What was said: `groupChat.messages` of then, or the text that `messagesToString` made of it. Copied, not changed. */
  messages: readonly ChatMessage[] | string;
  /** A text to take out of the last message, or what takes it out, so that the chat does not end at once. */
  removeTerminationString?: string | ((content: string) => string) | null | undefined;
  /** Keeps the notice off the terminal. */
  silent?: boolean | undefined;
}

/**
 * Puts the messages of an earlier group chat back, into the group and into every member's memory.
 * Go on from there with `lastAgent.initiateChat(manager, { message: lastMessage, clearHistory: false })`.
 *
 * A function, not a method as in AG2, so that a page that resumes nothing does not load it.
 *
 * @returns who spoke last, and that message; it is not put back yet, because the chat goes on with it
 * @throws AgentError when the messages are not those of such a group
 * @example
 * const manager = new GroupChatManager({ groupChat: new GroupChat({ agents: [user, guide, assistant] }), llmConfig });
 * const [lastAgent, message] = await resumeGroupChat(manager, { messages: localStorage["chat"] as string, removeTerminationString: "TERMINATE" });
 * await lastAgent?.initiateChat(manager, { message, clearHistory: false });
 */
export async function resumeGroupChat(
  manager: GroupChatManager,
  { messages: given, removeTerminationString: remove, silent = false }: ResumeOptions,
): Promise<[lastAgent: ConversableAgent | undefined, lastMessage: ChatMessage]> {
  const messages = readMessages(given);
  const { groupChat } = manager;
  for (const agent of groupChat.agents) agent.clearHistory();
  manager.clearHistory();
  groupChat.reset();
  checkMessages(messages, manager);

  // Messages of a chat result, instead of the group's, do not name the manager.
  for (const message of messages) message.name ??= manager.name;
  for (const message of messages.slice(0, -1)) await putBack(message, manager);
  const last = messages.at(-1) as ChatMessage;
  const lastAgent = speakerOf(last, manager) ?? (last.name === groupChat.adminName ? manager : undefined);
  if (remove != null && last.content) {
    const text = contentText(last.content);
    last.content = typeof remove === "string" ? text.replaceAll(remove, "") : remove(text);
  }
  if (await manager.isTerminationMsg(last, { scope: undefined, agent: manager })) {
    warn("the last message meets the termination condition of the manager, which may end the chat at once: give `removeTerminationString`");
  }
  if (!silent) printLine(`Prepared group chat with ${messages.length} messages, the last speaker is ${last.name}`);
  // They know each other.
  groupChat.sendIntroductions = false;
  return [lastAgent, last];
}

/** A message takes the way it took: from its speaker to the manager, from there to the others. Nobody answers it. */
async function putBack(message: ChatMessage, manager: GroupChatManager): Promise<void> {
  const { groupChat } = manager;
  const speaker = speakerOf(message, manager);
  // Told to observers as a copy, because it was said in another chat.
  const options = { requestReply: false, silent: true, context: { broadcastOf: speaker ?? { name: String(message.name) } } };
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

function readMessages(given: readonly ChatMessage[] | string): ChatMessage[] {
  const messages: unknown = typeof given === "string" ? messagesFromString(given) : given;
  if (!Array.isArray(messages) || messages.some((message: unknown) => typeof message !== "object" || message === null)) {
    throw new AgentError("invalid_option", "`messages` must be a list of messages, or the JSON text of one");
  }
  // As deep as sending changes them.
  return (messages as ChatMessage[]).map((message) => ({
    ...message,
    ...(message.tool_responses && { tool_responses: message.tool_responses.map((response) => ({ ...response })) }),
  }));
}

function checkMessages(messages: readonly ChatMessage[], manager: GroupChatManager): void {
  if (messages.length === 0) {
    throw new AgentError("no_history", "there are no messages to resume the group chat with: begin a new one with `initiateChat`");
  }
  const known: readonly Agent[] = [...manager.groupChat.agents, manager];
  for (const { name } of messages) {
    if (name && name !== manager.groupChat.adminName && !known.some((agent) => agent.name === name)) {
      throw new AgentError("invalid_name", `a message is from \`${name}\`, which is not in the group chat: add an agent of that name`);
    }
  }
}

/**
 * The messages in a text made by `messagesToString`.
 *
 * @throws AgentError when it is no such text
 * @example
 * for (const { name, content } of messagesFromString(localStorage["chat"] as string)) console.log(name, content);
 */
export function messagesFromString(text: string): ChatMessage[] {
  try {
    return JSON.parse(text) as ChatMessage[];
  } catch (cause) {
    throw new AgentError("invalid_option", "the text of the messages is not JSON: give one that `messagesToString` made", { cause });
  }
}

/**
 * The messages as JSON text, to be kept for `resumeGroupChat`.
 *
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant] });
 * await user.initiateChat(new GroupChatManager({ groupChat, llmConfig }), { message: "Plan two days in Lisbon." });
 * localStorage["chat"] = messagesToString(groupChat.messages);
 */
export function messagesToString(messages: readonly ChatMessage[]): string {
  return JSON.stringify(messages);
}
