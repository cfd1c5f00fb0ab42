/**
 * The output of agents, through one replaceable function (AG2: events/agent_events.py, the `print` methods, without
 * colours).
 */

import { type ChatMessage, contentText, type FunctionCall } from "../message/message.js";
import type { RunEvent, RunEventFields } from "../observe/run-event.js";
import { shownText } from "../util/shown-text.js";
import { toolResultText } from "../tools/tool-text.js";
import { groupChatText } from "./group-chat-texts.js";

/** Prints one text, which has no final line break. */
export type Printer = (text: string) => void;

// The text of a model must not move the cursor of the terminal.
let printer: Printer = (text) => console.log(shownText(text));

/**
 * Sets the function that prints the output of agents, instead of `console.log`; returns a function that
 * restores the previous one.
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

/** Prints a line unchanged. */
export function printLine(text: string): void {
  printer(text);
}

/** Prints an event, with AG2's text. */
export function printEvent(event: RunEvent): void {
  switch (event.type) {
    case "text":
    case "toolCall":
    case "toolResponse":
    case "functionCall":
    case "functionResponse":
      return printer(`${event.sender} (to ${event.recipient}):\n\n${messageLines(event).join("\n")}`);
    case "executeFunction":
      return printNotice(`EXECUTING FUNCTION ${callText(event)}`);
    case "executedFunction":
      return printNotice(`EXECUTED FUNCTION ${callText(event)}\nOutput:\n${event.content}`);
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
      return printer(chatStartText(event));
    case "generateCodeExecutionReply":
      return printNotice(`EXECUTING ${blocksText(event)}...`);
    default: {
      // Other events are for listeners of runs; AG2 does not print them either.
      const text = groupChatText(event);
      if (text !== undefined) printer(text);
    }
  }
}

function blocksText({ codeBlocks }: RunEventFields["generateCodeExecutionReply"]): string {
  return codeBlocks.length === 1
    ? `CODE BLOCK (inferred language is ${codeBlocks[0]})`
    : `${codeBlocks.length} CODE BLOCKS (inferred languages are [${codeBlocks.join(", ")}])`;
}

const STARS = "*".repeat(80);

function chatStartText({ verbose, message, carryover }: RunEventFields["postCarryoverProcessing"]): string {
  const texts = carryover.map((item) => (typeof item === "string" ? item : contentText(item.content)));
  const details = verbose ? [`Event:\n${message}`, `Carryover:\n${texts.join("\n")}`] : [];
  return [`\n${STARS}`, "Starting a new chat....", ...details, `\n${STARS}`].join("\n");
}

function callText({
  funcName,
  callId,
  arguments: args,
}: RunEventFields["executeFunction"] | RunEventFields["executedFunction"]): string {
  return `${funcName}...\nCall ID: ${callId ?? "None"}\nInput arguments: ${toolResultText(args)}`;
}

const LINE = `\n${"-".repeat(80)}`;

function messageLines({ message, content }: { message: ChatMessage; content: ChatMessage["content"] }): string[] {
  if (message.role === "function") {
    return [...framed(`Response from calling function (${message.name || "No id found"})`, contentText(content)), LINE];
  }
  if (message.role === "tool") {
    return (message.tool_responses ?? []).flatMap((response) => [
      ...framed(
        `Response from calling ${response.role} (${response.tool_call_id || "No id found"})`,
        contentText(response.content),
      ),
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
  return framed(
    `${title} ${call.name || "(No function name found)"}`,
    `Arguments: \n${call.arguments || "(No arguments found)"}`,
  );
}

function framed(title: string, body: string): string[] {
  const frame = `***** ${title} *****`;
  return [frame, body, "*".repeat(frame.length)];
}
