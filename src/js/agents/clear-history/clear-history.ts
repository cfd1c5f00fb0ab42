/**
 * The command "clear history" in group chats (AG2: agentchat/groupchat.py, `GroupChatManager.clear_agents_history`).
 */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import type { GroupChat } from "../group-chat/group-chat.js";
import { emitEvent } from "../observe/emit-event.js";
import { type ChatMessage, contentText } from "../message/message.js";
import type { ClearHistoryCommand } from "../group-chat/group-chat-options.js";
import type { ContextOption } from "../types.js";
import { warn } from "../util/warn.js";

/** A parsed command. */
interface Command {
  /** The agent whose history is cleared; `undefined`: all agents, and the group. */
  agent: ConversableAgent | undefined;
  /** The number of newest messages to preserve. */
  preserved: number | undefined;
  /** The text without the command. */
  text: string;
}

/**
 * Executes a command in `message`, and returns the message without it: a handler for the option
 * `enableClearHistory` of a group chat. (In AG2 that is a flag; here only pages that use it load it.)
 * As in AG2 commands count in message objects (such as a person's replies), not in the plain texts of models.
 *
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant], enableClearHistory: clearHistoryCommand });
 * // The person behind `user` may now reply: "Thanks. CLEAR HISTORY guide 2"
 */
export const clearHistoryCommand: ClearHistoryCommand = async (message, groupChat, scope) => {
  if (typeof message === "string" || !message.content) return message;
  const text = contentText(message.content);
  if (!text.toUpperCase().includes("CLEAR HISTORY")) return message;
  return { ...message, content: await clearAgentsHistory(message, groupChat, { scope }) };
};

/**
 * Executes the last `clear history [agent] [number of messages to preserve]` in the message's text:
 * clears the history of one member, or of all members and the group.
 *
 * @returns the text without the command
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant] });
 * await clearAgentsHistory({ content: "clear history assistant" }, groupChat);
 */
export async function clearAgentsHistory(
  message: ChatMessage,
  groupChat: GroupChat,
  { scope }: ContextOption = {},
): Promise<string> {
  const command = readCommand(contentText(message.content), groupChat.agents);
  if (command === undefined) return contentText(message.content);
  const { agent, text } = command;
  let { preserved } = command;
  if (message.tool_responses !== undefined && !preserved) {
    preserved = 1;
    warn("the newest message is kept: a model refuses the answers of tools without their calls");
  }
  await emitEvent({ type: "clearAgentsHistory", agent: agent?.name, nrEventsToPreserve: preserved }, scope, false);
  if (agent !== undefined) {
    agent.clearHistory(undefined, preserved);
    return text;
  }
  const { messages } = groupChat;
  messages.splice(0, preserved ? Math.max(0, messages.length - preserved) : messages.length);
  for (const member of groupChat.agents) member.clearHistory(undefined, preserved);
  return text;
}

/** Parses `clear history [agent] [number]`; both may end in one other character, and come in any order. */
function readCommand(text: string, agents: readonly ConversableAgent[]): Command | undefined {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const index = words.findLastIndex((word) => word.toUpperCase() === "CLEAR");
  // "Unclear history" is no command. (AG2 fails for it.)
  if (index < 0) return undefined;
  let agent: ConversableAgent | undefined;
  let preserved: number | undefined;
  for (const word of words.slice(index + 2, index + 4)) {
    const number = /^(\d+).?$/.exec(word)?.[1];
    if (number !== undefined) preserved = Number(number);
    else agent = agents.find(({ name }) => name === word || name === word.slice(0, -1)) ?? agent;
  }
  const wordCount = 2 + Number(agent !== undefined) + Number(preserved !== undefined);
  return { agent, preserved, text: [...words.slice(0, index), ...words.slice(index + wordCount)].join(" ") };
}
