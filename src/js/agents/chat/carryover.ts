/**
 * The carryover from one chat to the next (AG2: `ConversableAgent._handle_carryover`; agentchat/chat.py,
 * `_post_process_carryover_item`).
 */

import { invalidOption } from "../util/errors.js";
import { type ChatMessage, contentText, type MessageContent, type MessageInput } from "../message/message.js";

/** Text, or a list of texts and messages, that is appended to the first message of a chat. */
export type Carryover = string | readonly (string | ChatMessage)[];

/** `message` with the carryover appended. A message object is copied, not changed. */
export function withCarryover(message: MessageInput, carryover: unknown): MessageInput {
  if (!carryover || (Array.isArray(carryover) && carryover.length === 0)) return message;
  const context = `\nContext: \n${carryoverText(carryover)}`;
  if (typeof message === "string") return message + context;
  const content: unknown = message.content;
  if (typeof content === "string") return { ...message, content: content + context };
  // Before the parts, as in AG2: usually these are images, followed by their question.
  if (Array.isArray(content))
    return { ...message, content: [{ type: "text", text: context }, ...(content as never[])] };
  return message;
}

function carryoverText(carryover: unknown): string {
  if (typeof carryover === "string") return carryover;
  if (!Array.isArray(carryover)) throw invalidOption("carryover", "a text or a list of texts");
  return carryover.map(itemText).join("\n");
}

function itemText(item: unknown): string {
  if (typeof item === "string") return item;
  if (typeof item !== "object" || item === null) return String(item);
  if (!("content" in item)) return JSON.stringify(item);
  const { content } = item;
  return content === null || typeof content === "string" || Array.isArray(content)
    ? contentText(content as MessageContent)
    : String(content);
}
