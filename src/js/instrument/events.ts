/**
 * Passes events of agents to the core: one function per event, which captures its values (their meaning
 * is documented in src/ag2). Call only when the core is loaded.
 *
 * Each function interns its names first: a new name is written into the same scratch area as the values.
 */

import { tokenCounts } from "../agents/models/token-counts.js";
import type { EndDetails, MessageEvent, StartDetails } from "../agents/observe/observer.js";
import type { Bridge } from "../bridge/bridge.js";
import { capture, captureError, jsonOf } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import { reportedBridge } from "../bridge/loader.js";
import { wakeExporter } from "../export/exporter.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import { textField } from "../util/safe-access.js";
import { embedding } from "../bridge/numbers/operation-kinds.js";
import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { setAttribute, setListAttribute, setSharedListAttribute, setNameAttribute } from "./attributes.js";
import { readProvider } from "./provider.js";
import { chatInputs, chatOutputs, unsentReply } from "./python-names.js";
import { readFinishReasons, readModel, readParameters } from "./completion-fields.js";
import * as tags from "../bridge/numbers/value-tags.js";

export function chatStarted(parent: number, details: StartDetails["chat"]): number {
  const bridge = requireBridge();
  const inputsBytes = bridge.writeText(jsonOf(chatInputs(details)));
  const key = bridge.tracer.chatStarted(parent, inputsBytes, monotonicMs());
  setNameAttribute(bridge, key, attributeIds.agentName, details.sender.name);
  setAttribute(bridge, key, attributeIds.conversationMaxTurns, details.maxTurns);
  return key;
}

/** The chat continues a conversation, whose newest chat was in another trace: both become one session. */
export function chatContinued(key: number, conversationId: string, traceId: string): void {
  const bridge = requireBridge();
  setAttribute(bridge, key, attributeIds.conversationId, conversationId);
  bridge.core.joinSession(`tr-${traceId}`, conversationId);
  wakeExporter();
}

export function chatEnded(key: number, details: EndDetails["chat"]): void {
  const bridge = requireBridge();
  setAttribute(bridge, key, attributeIds.conversationTurns, details.chatHistory.length);
  const outputsBytes = bridge.writeText(jsonOf(chatOutputs(details)));
  bridge.tracer.chatEnded(key, outputsBytes, monotonicMs());
}

export function messageReceived(key: number, event: MessageEvent): void {
  const bridge = requireBridge();
  const sender = bridge.intern(event.sender.name);
  const { tag, lengthBytes } = bridge.encode(capture(event.message));
  bridge.tracer.messageReceived(key, sender, event.valid, tag, lengthBytes, monotonicMs());
}

/**
 * `isInChat`: within a chat the core knows the message that is answered; outside of one the messages given are
 * the inputs.
 */
export function replyStarted(parent: number, details: StartDetails["reply"], isInChat: boolean): number {
  const bridge = requireBridge();
  const key = bridge.tracer.replyStarted(parent, bridge.intern(details.agent.name), monotonicMs());
  if (!isInChat) {
    const { tag, number, lengthBytes } = captureLists(bridge, { messages: details.messages });
    bridge.tracer.spanInputs(key, tag, number, lengthBytes);
  }
  return key;
}

/** `agent` is the name of the agent if its reply has not been reported as a message; else `undefined`. */
export function replyEnded(key: number, agent: string | undefined, { reply }: EndDetails["reply"]): void {
  const bridge = requireBridge();
  const outputs =
    agent !== undefined && reply !== undefined ? capture(unsentReply(agent, reply)) : ({ tag: tags.nothing } as const);
  const { tag, lengthBytes } = bridge.encode(outputs);
  bridge.tracer.replyEnded(key, tag, lengthBytes, monotonicMs());
}

/** What hooks on third-party libraries report of a model call beyond what our agents do. */
interface HookedCall {
  /** Whether the model embeds texts. */
  readonly isEmbedding?: boolean;
  /** The format of the messages, by MLflow's name, where it is not AG2's. */
  readonly format?: string | undefined;
}

export function modelCallStarted(
  parent: number,
  { agent, request, configIndex, api, isEmbedding, format }: StartDetails["modelCall"] & HookedCall,
): number {
  const bridge = requireBridge();
  const modelName = readModel(request);
  let key: number;
  if (isEmbedding) {
    const { tag, number, lengthBytes } = captureLists(bridge, request);
    key = bridge.tracer.operationStarted(parent, embedding, tag, number, lengthBytes, monotonicMs());
    setNameAttribute(bridge, key, attributeIds.source, agent?.name);
    setNameAttribute(bridge, key, attributeIds.model, modelName);
  } else {
    const source = bridge.intern(agent?.name);
    const model = bridge.intern(modelName);
    const { tag, number, lengthBytes } = captureLists(bridge, request);
    key = bridge.tracer.modelCallStarted(parent, source, model, tag, number, lengthBytes, monotonicMs());
    setNameAttribute(bridge, key, attributeIds.messageFormat, format);
  }
  if (request.tools !== undefined) setSharedListAttribute(bridge, key, attributeIds.chatTools, request.tools);
  setNameAttribute(bridge, key, attributeIds.provider, readProvider(api, modelName, format));
  if (configIndex > 0) setAttribute(bridge, key, attributeIds.configIndex, configIndex);
  for (const [which, value] of readParameters(request)) setAttribute(bridge, key, which, value);
  return key;
}

/** The first chunk of a streamed response has arrived. */
export function firstToken(key: number): void {
  requireBridge().tracer.firstToken(key, monotonicMs());
}

/** `usage` has the token counts, unless they are in the response: those of a stream, or `null` for none. */
export function modelCallEnded(
  key: number,
  {
    response,
    costUsd,
    isCached,
    usage = response,
    format,
  }: EndDetails["modelCall"] & HookedCall & { readonly usage?: unknown },
): void {
  const bridge = requireBridge();
  setNameAttribute(bridge, key, attributeIds.messageFormat, format);
  const { prompt, completion, total, cacheRead, cacheCreation, cacheCreationAbove1h } = tokenCounts(usage);
  setNameAttribute(bridge, key, attributeIds.responseModel, textField(response, "model"));
  setAttribute(bridge, key, attributeIds.responseId, textField(response, "id"));
  const reasons = readFinishReasons(response);
  if (reasons.length > 0) setListAttribute(bridge, key, attributeIds.finishReasons, reasons);
  const outputsBytes = bridge.writeText(jsonOf(response));
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
    cacheCreationAbove1h,
    monotonicMs(),
  );
}

export function toolCallStarted(parent: number, details: StartDetails["toolCall"]): number {
  const bridge = requireBridge();
  const name = bridge.intern(details.name);
  const description = bridge.intern(details.description);
  const inputs = capture(details.arguments);
  // The call's id is data, not a name, and must not be interned.
  const [inputsBytes, callIdBytes] = bridge.writeTexts("text" in inputs ? inputs.text : "", details.callId ?? "");
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

/** Objects are recorded as data, all other results as the text that the model receives, as in Python. */
export function toolOutputs({ result, content }: EndDetails["toolCall"]): unknown {
  return typeof result === "object" && result !== null ? result : content;
}

export function toolCallEnded(key: number, details: EndDetails["toolCall"]): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode(capture(toolOutputs(details)));
  bridge.tracer.toolCallEnded(key, tag, number, lengthBytes, monotonicMs());
}

/** A part of the result has come, and no more will. */
export function partReceived(key: number, outputs: unknown): void {
  if (outputs === undefined || outputs === null) return;
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode(capture(outputs));
  bridge.tracer.spanOutputs(key, tag, number, lengthBytes);
}

/** The operation ended, and its result cannot be read. */
export function endedUnread(key: number, kind: string): void {
  const { tracer } = requireBridge();
  if (kind === "reply") tracer.replyEnded(key, tags.nothing, 0, monotonicMs());
  else tracer.spanEnded(key, tags.nothing, 0, 0, monotonicMs());
}

/** The operation ended with `error`. */
export function failed(key: number, error: unknown): void {
  const { tracer } = requireBridge();
  tracer.failed(key, ...encodeError(error), monotonicMs());
}

/** An error occurred, and the operation goes on. */
export function exceptionRecorded(key: number, error: unknown): void {
  const { tracer } = requireBridge();
  tracer.exceptionRecorded(key, ...encodeError(error), monotonicMs());
}

/** Encodes the class of an error, its message and its stack for the next call. */
function encodeError(error: unknown): [kind: number, messageBytes: number, stackBytes: number] {
  const bridge = requireBridge();
  const { kind, message, stack } = captureError(error);
  return [bridge.intern(kind), ...bridge.writeTexts(message, stack)];
}

/** The bridge. A missing core throws, which the `guard` around every hook counts. */
export function requireBridge(): Bridge {
  const bridge = reportedBridge();
  if (bridge === undefined) throw new Error("the core is not loaded");
  return bridge;
}
