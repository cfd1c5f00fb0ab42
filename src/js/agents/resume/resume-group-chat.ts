/** Resuming of group chats (AG2: agentchat/groupchat.py, `GroupChatManager.resume`). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import type { GroupChatManager } from "../group-chat/group-chat-manager.js";
import { type ChatMessage, contentText } from "../message/message.js";
import { printLine } from "../console/printer.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { warn } from "../util/warn.js";
import { restoreGroupChat } from "./restore-group-chat.js";

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

const RESUME_OPTIONS: OptionRules<ResumeOptions> = { messages: "any", removeTerminationString: "any", silent: "flag" };

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
  options: ResumeOptions,
): Promise<[lastAgent: ConversableAgent | undefined, lastMessage: ChatMessage]> {
  checkOptions("resumeGroupChat", options, RESUME_OPTIONS);
  if (manager?.groupChat === undefined) throw invalidOption("manager", "a `GroupChatManager`");
  const { messages: given, removeTerminationString: remove, silent = false } = options;
  const messages = parseMessages(given);
  const [lastAgent, last] = await restoreGroupChat(manager, messages);
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
  return [lastAgent, last];
}

function parseMessages(given: readonly ChatMessage[] | string): ChatMessage[] {
  const messages: unknown = typeof given === "string" ? messagesFromString(given) : given;
  if (
    !Array.isArray(messages) ||
    messages.some((message: unknown) => typeof message !== "object" || message === null)
  ) {
    throw new AgentError("invalid_option", "`messages` must be a list of messages, or the JSON text of one");
  }
  return messages as ChatMessage[];
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
