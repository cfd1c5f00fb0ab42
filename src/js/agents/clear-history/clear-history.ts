/** "Clear history" said in a group chat (AG2: agentchat/groupchat.py, `GroupChatManager.clear_agents_history`). */

import type { ConversableAgent } from "../conversable-agent.js";
import type { GroupChat } from "../group-chat.js";
import { tell } from "../tell.js";
import { type ChatMessage, contentText } from "../message.js";
import type { ClearHistoryCommand } from "../group-chat-options.js";
import type { ContextOption } from "../scope.js";
import { warn } from "../warn.js";

/** What a speaker asked for. */
interface Command {
  /** Whose memory goes; not given: everybody's, and the group's. */
  agent: ConversableAgent | undefined;
  /** How many of the newest messages stay. */
  preserved: number | undefined;
  /** What is left of the text without the command. */
  text: string;
}

/**
 * Obeys a command in `message`, and returns the message without it: what `enableClearHistory` of a group
 * chat is set to. (In AG2 that is a flag; here a page whose agents forget nothing does not load it.)
 * As in AG2 only message objects can hold one (a person's replies are such), not the plain texts of models.
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
 * Does what the last `clear history [agent] [number of messages to keep]` in the message's text says:
 * clears the memory of one member, or of all and the group's.
 *
 * @returns the text without the command
 * @example
 * const groupChat = new GroupChat({ agents: [user, guide, assistant] });
 * await clearAgentsHistory({ content: "clear history assistant" }, groupChat);
 */
export async function clearAgentsHistory(message: ChatMessage, groupChat: GroupChat, { scope }: ContextOption = {}): Promise<string> {
  const command = readCommand(contentText(message.content), groupChat.agents);
  if (command === undefined) return contentText(message.content);
  const { agent, text } = command;
  let { preserved } = command;
  if (message.tool_responses !== undefined && !preserved) {
    preserved = 1;
    warn("the newest message is kept: a model refuses the answers of tools without their calls");
  }
  await tell({ type: "clearAgentsHistory", agent: agent?.name, nrEventsToPreserve: preserved }, scope, false);
  if (agent !== undefined) {
    agent.clearHistory(undefined, preserved);
    return text;
  }
  const { messages } = groupChat;
  messages.splice(0, preserved ? Math.max(0, messages.length - preserved) : messages.length);
  for (const member of groupChat.agents) member.clearHistory(undefined, preserved);
  return text;
}

/** Reads `clear history [agent] [number]`; both may end in a dot or another sign, and may come in any order. */
function readCommand(text: string, agents: readonly ConversableAgent[]): Command | undefined {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const at = words.findLastIndex((word) => word.toUpperCase() === "CLEAR");
  // "Unclear history" is no command. (AG2 fails here.)
  if (at < 0) return undefined;
  let agent: ConversableAgent | undefined;
  let preserved: number | undefined;
  for (const word of words.slice(at + 2, at + 4)) {
    const number = /^(\d+).?$/.exec(word)?.[1];
    if (number !== undefined) preserved = Number(number);
    else agent = agents.find(({ name }) => name === word || name === word.slice(0, -1)) ?? agent;
  }
  const skipped = 2 + Number(agent !== undefined) + Number(preserved !== undefined);
  return { agent, preserved, text: [...words.slice(0, at), ...words.slice(at + skipped)].join(" ") };
}
