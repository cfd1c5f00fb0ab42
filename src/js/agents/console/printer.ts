/** What agents show on the terminal (AG2: events/agent_events.py, the `print` methods), without colours, through one replaceable function. */

import { type ChatMessage, contentText, type FunctionCall } from "../message.js";
import type { RunEvent, RunEventFields } from "../run-event.js";
import { toolResultText } from "../tool-text.js";
import { groupChatText } from "./group-chat-texts.js";

/** Gets one piece of text at a time, without a final line break. */
export type Printer = (text: string) => void;

let printer: Printer = (text) => console.log(text);

/**
 * Sends what agents print to `newPrinter` instead of `console.log`; returns the undo.
 *
 * @example
 * const lines: string[] = [];
 * const restore = setPrinter((text) => lines.push(text));
 * await user.initiateChat(assistant, { message: "Hello.", maxTurns: 1 });
 * restore();
 */
export function setPrinter(newPrinter: Printer): () => void {
  const before = printer;
  printer = newPrinter;
  return () => {
    printer = before;
  };
}

/** Prints a notice such as `USING AUTO REPLY...`. */
function printNotice(text: string): void {
  printer(`\n>>>>>>>> ${text}`);
}

/** Prints a line as it is. */
export function printLine(text: string): void {
  printer(text);
}

/** Prints what happened, in AG2's words. */
export function printEvent(event: RunEvent): void {
  switch (event.type) {
    case "text":
    case "toolCall":
    case "toolResponse":
    case "functionCall":
    case "functionResponse":
      return printer(`${event.sender} (to ${event.recipient}):\n\n${messageLines(event).join("\n")}`);
    case "executeFunction":
      return printNotice(`EXECUTING FUNCTION ${aboutCall(event)}`);
    case "executedFunction":
      return printNotice(`EXECUTED FUNCTION ${aboutCall(event)}\nOutput:\n${event.content}`);
    case "stream":
      return printer(event.content);
    case "groupChatRunChat":
      return printer(`\nNext speaker: ${event.speaker}\n`);
    case "usingAutoReply":
      return printNotice("USING AUTO REPLY...");
    case "terminationAndHumanReplyNoInput":
      return printNotice("NO HUMAN INPUT RECEIVED.");
    case "termination":
      return printNotice(`TERMINATING RUN: ${event.terminationReason}`);
    case "postCarryoverProcessing":
      return printer(startOfChat(event));
    case "generateCodeExecutionReply":
      return printNotice(`EXECUTING ${aboutBlocks(event)}...`);
    default: {
      // The rest is for whoever follows the run; AG2 prints nothing either.
      const text = groupChatText(event);
      if (text !== undefined) printer(text);
    }
  }
}

function aboutBlocks({ codeBlocks }: RunEventFields["generateCodeExecutionReply"]): string {
  return codeBlocks.length === 1 ? `CODE BLOCK (inferred language is ${codeBlocks[0]})` : `${codeBlocks.length} CODE BLOCKS (inferred languages are [${codeBlocks.join(", ")}])`;
}

const STARS = "*".repeat(80);

function startOfChat({ verbose, message, carryover }: RunEventFields["postCarryoverProcessing"]): string {
  const texts = carryover.map((item) => (typeof item === "string" ? item : contentText(item.content)));
  const details = verbose ? [`Event:\n${message}`, `Carryover:\n${texts.join("\n")}`] : [];
  return [`\n${STARS}`, "Starting a new chat....", ...details, `\n${STARS}`].join("\n");
}

function aboutCall({ funcName, callId, arguments: args }: RunEventFields["executeFunction"] | RunEventFields["executedFunction"]): string {
  return `${funcName}...\nCall ID: ${callId ?? "None"}\nInput arguments: ${toolResultText(args)}`;
}

const LINE = `\n${"-".repeat(80)}`;

function messageLines({ message, content }: { message: ChatMessage; content: ChatMessage["content"] }): string[] {
  if (message.role === "function") {
    return [...framed(`Response from calling function (${message.name || "No id found"})`, contentText(content)), LINE];
  }
  if (message.role === "tool") {
    return (message.tool_responses ?? []).flatMap((response) => [
      ...framed(`Response from calling ${response.role} (${response.tool_call_id || "No id found"})`, contentText(response.content)),
      LINE,
    ]);
  }
  const lines: string[] = content === null || content === undefined ? [] : [contentText(content)];
  if (message.function_call) {
    lines.push(...callLines("Suggested function call:", message.function_call));
  }
  for (const call of message.tool_calls ?? []) {
    lines.push(...callLines(`Suggested tool call (${call.id || "No tool call id found"}):`, call.function));
  }
  lines.push(LINE);
  return lines;
}

function callLines(title: string, call: FunctionCall): string[] {
  return framed(`${title} ${call.name || "(No function name found)"}`, `Arguments: \n${call.arguments || "(No arguments found)"}`);
}

function framed(title: string, body: string): string[] {
  const frame = `***** ${title} *****`;
  return [frame, body, "*".repeat(frame.length)];
}
