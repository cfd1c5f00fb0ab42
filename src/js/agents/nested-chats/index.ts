/**
 * `mlflow-ag2/agents/nested-chats`: replies that are made by nested chats.
 *
 * @module mlflow-ag2/agents/nested-chats
 */

export type { NestedCarryoverConfig, NestedCarryoverFunction } from "./nested-carryover.js";
export {
  type NestedChatEntry,
  type NestedMessageFunction,
  type NestedReplyFunction,
  registerNestedChats,
  type RegisterNestedChatsOptions,
} from "./nested-chats.js";
