/** Emits the events of agents: to the run they are part of, else to the console (AG2: `IOStream.send`). */

import { type ChatMessage, type MessageInput, toMessage } from "../message/message.js";
import type { Named, Scope } from "./observer.js";
import type { RunEvent } from "./run-event.js";
import { listenerOf } from "./scope.js";

let printEvent: ((event: RunEvent) => void) | undefined;

/** Sets the function that prints the events of chats that are not silent. Without one, nothing is printed. */
export function setEventPrinter(newPrintEvent: (event: RunEvent) => void): void {
  printEvent = newPrintEvent;
}

/** Prints `event` by the function that was set, if any. */
export function printBySetPrinter(event: RunEvent): void {
  printEvent?.(event);
}

/**
 * Emits `event`, which happened in `scope`. Await the promise: a run that is followed step by step
 * pauses its agents here.
 *
 * @param silent whether the event is kept off the terminal; not given: false
 */
export function emitEvent(event: RunEvent, scope: Scope | undefined, silent = false): Promise<void> | undefined {
  const listener = listenerOf(scope);
  if (listener !== undefined) return listener.onEvent(event);
  if (!silent) printEvent?.(event);
  return undefined;
}

/** The event for a received message (AG2: `create_received_event_model`). */
export function messageEvent(input: MessageInput, sender: Named, recipient: Named): RunEvent {
  const message: ChatMessage = toMessage(input);
  const fields = { sender: sender.name, recipient: recipient.name, content: contentOf(message), message };
  if (message.role === "function") return { type: "functionResponse", name: message.name ?? undefined, ...fields };
  if (message.role === "tool") return { type: "toolResponse", toolResponses: message.tool_responses ?? [], ...fields };
  if (message.function_call) return { type: "functionCall", functionCall: message.function_call, ...fields };
  if (message.tool_calls && message.tool_calls.length > 0)
    return { type: "toolCall", toolCalls: message.tool_calls, ...fields };
  return { type: "text", ...fields };
}

/** The content of a message; a template is filled in with the message's own values. */
function contentOf({ content, context = {} }: ChatMessage): ChatMessage["content"] {
  const template: unknown = content;
  return typeof template === "function" ? String((template as (values: unknown) => unknown)(context)) : content;
}
