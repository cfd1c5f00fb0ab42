/** The value of the last structured output in a chat. */

import type { ParsedContent } from "../models/response-format.js";
import type { Scope } from "../observe/observer.js";
import { enclosingChat } from "../observe/scope.js";

const byChat = new WeakMap<Scope, ParsedContent>();

/** Sets the newest value in the chat that `scope` is part of. */
export function setParsed(scope: Scope | undefined, content: ParsedContent | undefined): void {
  const chat = enclosingChat(scope);
  if (chat && content) byChat.set(chat, content);
}

/** The part of a chat's result that tells the value. */
export function parsedOf(chat: Scope): { parsed?: unknown; parseError?: ParsedContent["error"] } {
  const { value, error } = byChat.get(chat) ?? {};
  return { ...(value !== undefined && { parsed: value }), ...(error && { parseError: error }) };
}
