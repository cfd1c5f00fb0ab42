/**
 * Hands facts about agents to the core: one function per fact, values captured on the way
 * (src/ag2/fact.rs says what each means). Call only when the core is loaded.
 *
 * Names go first in each function: a name that is new to the core crosses through the same scratch
 * area as the values do.
 */

import type { EndDetails, MessageEvent, StartDetails } from "../agents/observer.js";
import type { Border } from "../border.js";
import { NULL, capture, jsonOf } from "../capture.js";
import { nowMs } from "../clock.js";
import { loadedCore } from "../core.js";
import { chatInputs, chatOutputs, unsentReply } from "./python-names.js";
import { readModel, readUsage } from "./read.js";

export function chatStarted(parent: number, details: StartDetails["chat"]): number {
  const border = loaded();
  const inputsBytes = border.text(jsonOf(chatInputs(details)));
  return border.tracer.chatStarted(parent, inputsBytes, nowMs());
}

export function chatEnded(key: number, details: EndDetails["chat"]): void {
  const border = loaded();
  const outputsBytes = border.text(jsonOf(chatOutputs(details)));
  border.tracer.chatEnded(key, outputsBytes, nowMs());
}

export function messageReceived(key: number, event: MessageEvent): void {
  const border = loaded();
  const sender = border.name(event.sender.name);
  const { tag, lengthBytes } = border.value(capture(event.message));
  border.tracer.messageReceived(key, sender, event.valid, tag, lengthBytes, nowMs());
}

export function replyStarted(parent: number, details: StartDetails["reply"]): number {
  const border = loaded();
  return border.tracer.replyStarted(parent, border.name(details.agent.name), nowMs());
}

/** `agent` names who made a reply that nobody has received; `undefined` where it has arrived already. */
export function replyEnded(key: number, agent: string | undefined, { reply }: EndDetails["reply"]): void {
  const border = loaded();
  const outputs = agent !== undefined && reply !== undefined ? capture(unsentReply(agent, reply)) : ({ tag: NULL } as const);
  const { tag, lengthBytes } = border.value(outputs);
  border.tracer.replyEnded(key, tag, lengthBytes, nowMs());
}

export function modelCallStarted(parent: number, { agent, request }: StartDetails["modelCall"]): number {
  const border = loaded();
  const source = border.name(agent?.name);
  const model = border.name(readModel(request));
  const tools = request.tools === undefined ? "" : jsonOf(request.tools);
  const [inputsBytes, toolsBytes] = border.texts(jsonOf(request), tools);
  return border.tracer.modelCallStarted(parent, source, model, inputsBytes, toolsBytes, nowMs());
}

export function modelCallEnded(key: number, { response, costUsd, isCached }: EndDetails["modelCall"]): void {
  const border = loaded();
  const { prompt, completion, total, cacheRead, cacheCreation } = readUsage(response);
  const outputsBytes = border.text(jsonOf(response));
  border.tracer.modelCallEnded(key, outputsBytes, costUsd, isCached, prompt, completion, total, cacheRead, cacheCreation, nowMs());
}

export function toolCallStarted(parent: number, details: StartDetails["toolCall"]): number {
  const border = loaded();
  const name = border.name(details.name);
  const description = border.name(details.description);
  const inputs = capture(details.arguments);
  // The call's id is data, not a name: it must not fill the table of names.
  const [inputsBytes, callIdBytes] = border.texts("text" in inputs ? inputs.text : "", details.callId ?? "");
  const number = "number" in inputs ? inputs.number : 0;
  return border.tracer.toolCallStarted(parent, name, description, inputs.tag, number, inputsBytes, callIdBytes, nowMs());
}

/** Data stays data; everything else is shown as the text that the model reads, as Python records it. */
export function toolCallEnded(key: number, { result, content }: EndDetails["toolCall"]): void {
  const border = loaded();
  const outputs = typeof result === "object" && result !== null ? result : content;
  const { tag, number, lengthBytes } = border.value(capture(outputs));
  border.tracer.toolCallEnded(key, tag, number, lengthBytes, nowMs());
}

export function failed(key: number, error: unknown): void {
  const border = loaded();
  const isError = error instanceof Error;
  const kind = border.name(isError ? error.name : typeof error);
  const message = isError ? error.message : typeof error === "string" ? error : jsonOf(error);
  const [messageBytes, stackBytes] = border.texts(message, isError ? (error.stack ?? "") : "");
  border.tracer.failed(key, kind, messageBytes, stackBytes, nowMs());
}

/** `guard` around every hook turns a missing core into a counted failure. */
function loaded(): Border {
  const border = loadedCore();
  if (border === undefined) throw new Error("the core is not loaded");
  return border;
}
