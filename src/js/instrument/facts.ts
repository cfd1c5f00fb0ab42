/**
 * Hands facts about agents to the core: one function per fact, values captured on the way
 * (src/ag2/fact.rs says what each means). Call only when the core is loaded.
 *
 * Names go first in each function: a name that is new to the core crosses through the same scratch
 * area as the values do.
 */

import type { EndDetails, MessageEvent, StartDetails } from "../agents/observe/observer.js";
import type { Bridge } from "../bridge/bridge.js";
import { capture, captureError, jsonOf } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import { loadedBridge } from "../bridge/loader.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import { textField } from "../util/unknowns.js";
import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { detail, detailList, detailLists, detailName } from "./details.js";
import { readProvider } from "./provider.js";
import { chatInputs, chatOutputs, unsentReply } from "./python-names.js";
import { readFinishReasons, readModel, readParameters, readUsage } from "./read.js";
import * as tags from "../bridge/numbers/value-tags.js";

export function chatStarted(parent: number, details: StartDetails["chat"]): number {
  const bridge = loaded();
  const inputsBytes = bridge.text(jsonOf(chatInputs(details)));
  const key = bridge.tracer.chatStarted(parent, inputsBytes, monotonicMs());
  detailName(bridge, key, attributeIds.agentName, details.sender.name);
  detail(bridge, key, attributeIds.conversationMaxTurns, details.maxTurns);
  return key;
}

/** The chat goes on with a conversation of before. */
export function chatContinues(key: number, conversationId: string): void {
  detail(loaded(), key, attributeIds.conversationId, conversationId);
}

export function chatEnded(key: number, details: EndDetails["chat"], conversationId: string): void {
  const bridge = loaded();
  detail(bridge, key, attributeIds.conversationId, conversationId);
  detail(bridge, key, attributeIds.conversationTurns, details.chatHistory.length);
  const outputsBytes = bridge.text(jsonOf(chatOutputs(details)));
  bridge.tracer.chatEnded(key, outputsBytes, monotonicMs());
}

export function messageReceived(key: number, event: MessageEvent): void {
  const bridge = loaded();
  const sender = bridge.name(event.sender.name);
  const { tag, lengthBytes } = bridge.value(capture(event.message));
  bridge.tracer.messageReceived(key, sender, event.valid, tag, lengthBytes, monotonicMs());
}

/** `isInChat`: in a chat the core knows what the reply answers; outside of one it is the messages that were given. */
export function replyStarted(parent: number, details: StartDetails["reply"], isInChat: boolean): number {
  const bridge = loaded();
  const key = bridge.tracer.replyStarted(parent, bridge.name(details.agent.name), monotonicMs());
  if (!isInChat) {
    const { tag, number, lengthBytes } = captureLists(bridge, { messages: details.messages });
    bridge.tracer.spanInputs(key, tag, number, lengthBytes);
  }
  return key;
}

/** `agent` names who made a reply that nobody has received; `undefined` where it has arrived already. */
export function replyEnded(key: number, agent: string | undefined, { reply }: EndDetails["reply"]): void {
  const bridge = loaded();
  const outputs =
    agent !== undefined && reply !== undefined ? capture(unsentReply(agent, reply)) : ({ tag: tags.nothing } as const);
  const { tag, lengthBytes } = bridge.value(outputs);
  bridge.tracer.replyEnded(key, tag, lengthBytes, monotonicMs());
}

export function modelCallStarted(
  parent: number,
  { agent, request, configIndex, api }: StartDetails["modelCall"],
): number {
  const bridge = loaded();
  const source = bridge.name(agent?.name);
  const modelName = readModel(request);
  const model = bridge.name(modelName);
  const { tag, number, lengthBytes } = captureLists(bridge, request);
  const key = bridge.tracer.modelCallStarted(parent, source, model, tag, number, lengthBytes, monotonicMs());
  if (request.tools !== undefined) detailLists(bridge, key, attributeIds.chatTools, request.tools);
  detailName(bridge, key, attributeIds.provider, readProvider(api, modelName));
  if (configIndex > 0) detail(bridge, key, attributeIds.configIndex, configIndex);
  for (const [which, value] of readParameters(request)) detail(bridge, key, which, value);
  return key;
}

/** The first piece of a streamed answer has arrived. */
export function firstToken(key: number): void {
  loaded().tracer.firstToken(key, monotonicMs());
}

export function modelCallEnded(key: number, { response, costUsd, isCached }: EndDetails["modelCall"]): void {
  const bridge = loaded();
  const { prompt, completion, total, cacheRead, cacheCreation } = readUsage(response);
  detailName(bridge, key, attributeIds.responseModel, textField(response, "model"));
  detail(bridge, key, attributeIds.responseId, textField(response, "id"));
  const reasons = readFinishReasons(response);
  if (reasons.length > 0) detailList(bridge, key, attributeIds.finishReasons, reasons);
  const outputsBytes = bridge.text(jsonOf(response));
  bridge.tracer.modelCallEnded(
    key,
    outputsBytes,
    costUsd,
    isCached,
    prompt,
    completion,
    total,
    cacheRead,
    cacheCreation,
    monotonicMs(),
  );
}

export function toolCallStarted(parent: number, details: StartDetails["toolCall"]): number {
  const bridge = loaded();
  const name = bridge.name(details.name);
  const description = bridge.name(details.description);
  const inputs = capture(details.arguments);
  // The call's id is data, not a name: it must not fill the table of names.
  const [inputsBytes, callIdBytes] = bridge.texts("text" in inputs ? inputs.text : "", details.callId ?? "");
  const number = "number" in inputs ? inputs.number : 0;
  return bridge.tracer.toolCallStarted(
    parent,
    name,
    description,
    inputs.tag,
    number,
    inputsBytes,
    callIdBytes,
    monotonicMs(),
  );
}

/** Data stays data; everything else is shown as the text that the model reads, as Python records it. */
export function toolCallEnded(key: number, { result, content }: EndDetails["toolCall"]): void {
  const bridge = loaded();
  const outputs = typeof result === "object" && result !== null ? result : content;
  const { tag, number, lengthBytes } = bridge.value(capture(outputs));
  bridge.tracer.toolCallEnded(key, tag, number, lengthBytes, monotonicMs());
}

/** The operation ended with `error`. */
export function failed(key: number, error: unknown): void {
  const { tracer } = loaded();
  tracer.failed(key, ...errorOf(error), monotonicMs());
}

/** The operation met `error` and goes on. */
export function exceptionRecorded(key: number, error: unknown): void {
  const { tracer } = loaded();
  tracer.exceptionRecorded(key, ...errorOf(error), monotonicMs());
}

/** The class of an error, its message and its stack, ready for the next call. */
function errorOf(error: unknown): [kind: number, messageBytes: number, stackBytes: number] {
  const bridge = loaded();
  const { kind, message, stack } = captureError(error);
  return [bridge.name(kind), ...bridge.texts(message, stack)];
}

/** `guard` around every hook turns a missing core into a counted failure. */
export function loaded(): Bridge {
  const bridge = loadedBridge();
  if (bridge === undefined) throw new Error("the core is not loaded");
  return bridge;
}
