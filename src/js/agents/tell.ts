/** Where the events of agents go: to the run they are part of, else to the console (AG2: `IOStream.send`). */

import { type ChatMessage, type MessageInput, toMessage } from "./message.js";
import type { Named, Scope } from "./observer.js";
import type { RunEvent } from "./run-event.js";
import { listenerOf } from "./scope.js";

let show: ((event: RunEvent) => void) | undefined;

/** Shows events of chats that are not silent by `newShow`; nothing does before. */
export function showBy(newShow: (event: RunEvent) => void): void {
  show = newShow;
}

/**
 * Tells of `event`, which happened in `scope`. Await it: a run that is gone through step by step
 * holds its agents up here.
 *
 * @param silent keeps it off the terminal
 */
export function tell(event: RunEvent, scope: Scope | undefined, silent: boolean): Promise<void> | undefined {
  const listener = listenerOf(scope);
  if (listener !== undefined) return listener.hear(event);
  if (!silent) show?.(event);
  return undefined;
}

/** The event for a message that arrived (AG2: `create_received_event_model`). */
export function messageEvent(given: MessageInput, sender: Named, recipient: Named): RunEvent {
  const message: ChatMessage = toMessage(given);
  const about = { sender: sender.name, recipient: recipient.name, content: contentOf(message), message };
  if (message.role === "function") return { type: "functionResponse", name: message.name ?? undefined, ...about };
  if (message.role === "tool") return { type: "toolResponse", toolResponses: message.tool_responses ?? [], ...about };
  if (message.function_call) return { type: "functionCall", functionCall: message.function_call, ...about };
  if (message.tool_calls && message.tool_calls.length > 0) return { type: "toolCall", toolCalls: message.tool_calls, ...about };
  return { type: "text", ...about };
}

/** A template shows what it makes of its own values. */
function contentOf({ content, context = {} }: ChatMessage): ChatMessage["content"] {
  const template: unknown = content;
  return typeof template === "function" ? String((template as (values: unknown) => unknown)(context)) : content;
}
