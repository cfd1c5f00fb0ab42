/**
 * Hands facts about agents to the core: one function per fact, values captured on the way
 * (src/ag2/fact.rs says what each means). Call only when the core is loaded.
 *
 * Names go first in each function: a name that is new to the core crosses through the same scratch
 * area as the values do.
 */

import type { EndDetails, MessageEvent, StartDetails } from "../agents/observer.js";
import type { Border } from "../bridge/border.js";
import { NULL, capture, captureError, jsonOf } from "../capture/capture.js";
import { nowMs } from "../util/clock.js";
import { loadedCore } from "../bridge/core.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import { textField } from "../util/unknowns.js";
import * as Detail from "./detail-numbers.js";
import { detail, detailList, detailLists, detailName } from "./details.js";
import { readProvider } from "./provider.js";
import { chatInputs, chatOutputs, unsentReply } from "./python-names.js";
import { readFinishReasons, readModel, readParameters, readUsage } from "./read.js";

export function chatStarted(parent: number, details: StartDetails["chat"]): number {
  const border = loaded();
  const inputsBytes = border.text(jsonOf(chatInputs(details)));
  const key = border.tracer.chatStarted(parent, inputsBytes, nowMs());
  detailName(border, key, Detail.agentName, details.sender.name);
  detail(border, key, Detail.conversationMaxTurns, details.maxTurns);
  return key;
}

/** The chat goes on with a conversation of before. */
export function chatContinues(key: number, conversationId: string): void {
  detail(loaded(), key, Detail.conversationId, conversationId);
}

export function chatEnded(key: number, details: EndDetails["chat"], conversationId: string): void {
  const border = loaded();
  detail(border, key, Detail.conversationId, conversationId);
  detail(border, key, Detail.conversationTurns, details.chatHistory.length);
  const outputsBytes = border.text(jsonOf(chatOutputs(details)));
  border.tracer.chatEnded(key, outputsBytes, nowMs());
}

export function messageReceived(key: number, event: MessageEvent): void {
  const border = loaded();
  const sender = border.name(event.sender.name);
  const { tag, lengthBytes } = border.value(capture(event.message));
  border.tracer.messageReceived(key, sender, event.valid, tag, lengthBytes, nowMs());
}

/** `isInChat`: in a chat the core knows what the reply answers; outside of one it is the messages that were given. */
export function replyStarted(parent: number, details: StartDetails["reply"], isInChat: boolean): number {
  const border = loaded();
  const key = border.tracer.replyStarted(parent, border.name(details.agent.name), nowMs());
  if (!isInChat) {
    const { tag, number, lengthBytes } = captureLists(border, { messages: details.messages });
    border.tracer.spanInputs(key, tag, number, lengthBytes);
  }
  return key;
}

/** `agent` names who made a reply that nobody has received; `undefined` where it has arrived already. */
export function replyEnded(key: number, agent: string | undefined, { reply }: EndDetails["reply"]): void {
  const border = loaded();
  const outputs = agent !== undefined && reply !== undefined ? capture(unsentReply(agent, reply)) : ({ tag: NULL } as const);
  const { tag, lengthBytes } = border.value(outputs);
  border.tracer.replyEnded(key, tag, lengthBytes, nowMs());
}

export function modelCallStarted(parent: number, { agent, request, configIndex, api }: StartDetails["modelCall"]): number {
  const border = loaded();
  const source = border.name(agent?.name);
  const modelName = readModel(request);
  const model = border.name(modelName);
  const { tag, number, lengthBytes } = captureLists(border, request);
  const key = border.tracer.modelCallStarted(parent, source, model, tag, number, lengthBytes, nowMs());
  if (request.tools !== undefined) detailLists(border, key, Detail.chatTools, request.tools);
  detailName(border, key, Detail.provider, readProvider(api, modelName));
  if (configIndex > 0) detail(border, key, Detail.configIndex, configIndex);
  for (const [which, value] of readParameters(request)) detail(border, key, which, value);
  return key;
}

/** The first piece of a streamed answer has arrived. */
export function firstToken(key: number): void {
  loaded().tracer.firstToken(key, nowMs());
}

export function modelCallEnded(key: number, { response, costUsd, isCached }: EndDetails["modelCall"]): void {
  const border = loaded();
  const { prompt, completion, total, cacheRead, cacheCreation } = readUsage(response);
  detailName(border, key, Detail.responseModel, textField(response, "model"));
  detail(border, key, Detail.responseId, textField(response, "id"));
  const reasons = readFinishReasons(response);
  if (reasons.length > 0) detailList(border, key, Detail.finishReasons, reasons);
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

/** The operation ended with `error`. */
export function failed(key: number, error: unknown): void {
  const { tracer } = loaded();
  tracer.failed(key, ...errorOf(error), nowMs());
}

/** The operation met `error` and goes on. */
export function exceptionRecorded(key: number, error: unknown): void {
  const { tracer } = loaded();
  tracer.exceptionRecorded(key, ...errorOf(error), nowMs());
}

/** The class of an error, its message and its stack, ready for the next call. */
function errorOf(error: unknown): [kind: number, messageBytes: number, stackBytes: number] {
  const border = loaded();
  const { kind, message, stack } = captureError(error);
  return [border.name(kind), ...border.texts(message, stack)];
}

/** `guard` around every hook turns a missing core into a counted failure. */
export function loaded(): Border {
  const border = loadedCore();
  if (border === undefined) throw new Error("the core is not loaded");
  return border;
}
