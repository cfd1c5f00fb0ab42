/** What agents show on the terminal (AG2: events/agent_events.py), without colours, through one replaceable function. */

import type { Named } from "./observer.js";
import { type ChatMessage, contentText, type FunctionCall, type MessageInput, toMessage } from "./message.js";

/** Gets one piece of text at a time, without a final line break. */
export type Printer = (text: string) => void;

let printer: Printer = (text) => console.log(text);

/** Sends what agents print to `newPrinter` instead of `console.log`; returns the undo. */
export function setPrinter(newPrinter: Printer): () => void {
  const before = printer;
  printer = newPrinter;
  return () => {
    printer = before;
  };
}

/** Prints a notice such as `USING AUTO REPLY...`, unless silent. */
export function printNotice(text: string, silent: boolean): void {
  if (!silent) printer(`\n>>>>>>>> ${text}`);
}

/** Warns of something that is probably a mistake (AG2: `warnings.warn`). */
export function warn(text: string): void {
  console.warn(`mlflow-ag2/agents: ${text}`);
}

/** Prints a message as it arrives (AG2: `create_received_event_model` and the `print` methods of its events). */
export function printMessage(message: MessageInput, sender: Named, recipient: Named): void {
  printer(`${sender.name} (to ${recipient.name}):\n\n${messageLines(toMessage(message)).join("\n")}`);
}

const LINE = `\n${"-".repeat(80)}`;

function messageLines(message: ChatMessage): string[] {
  if (message.role === "function") {
    return [...framed(`Response from calling function (${message.name || "No id found"})`, textOf(message)), LINE];
  }
  if (message.role === "tool") {
    return (message.tool_responses ?? []).flatMap((response) => [
      ...framed(`Response from calling ${response.role} (${response.tool_call_id || "No id found"})`, contentText(response.content)),
      LINE,
    ]);
  }
  const lines: string[] = message.content === null || message.content === undefined ? [] : [textOf(message)];
  if (message.function_call) {
    lines.push(...callLines("Suggested function call:", message.function_call));
  }
  for (const call of message.tool_calls ?? []) {
    lines.push(...callLines(`Suggested tool call (${call.id || "No tool call id found"}):`, call.function));
  }
  lines.push(LINE);
  return lines;
}

function textOf(message: ChatMessage): string {
  const content: unknown = message.content;
  if (typeof content !== "function") return contentText(message.content);
  return String((content as (context: unknown) => unknown)(message.context ?? {}));
}

function callLines(title: string, call: FunctionCall): string[] {
  return framed(`${title} ${call.name || "(No function name found)"}`, `Arguments: \n${call.arguments || "(No arguments found)"}`);
}

function framed(title: string, body: string): string[] {
  const frame = `***** ${title} *****`;
  return [frame, body, "*".repeat(frame.length)];
}
