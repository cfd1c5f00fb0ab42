/**
 * Events of the operations that are neither chats, replies, model nor tool calls. As in `events.ts`, call only
 * when the core is loaded.
 */

import type { EndDetails, StartDetails } from "../agents/observe/observer.js";
import { capture } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { setAttribute, setListAttribute, setNameAttribute } from "./attributes.js";
import { requireBridge } from "./events.js";
import * as operationKinds from "../bridge/numbers/operation-kinds.js";
import * as tags from "../bridge/numbers/value-tags.js";

export function selectionStarted(
  parent: number,
  { groupChat, lastSpeaker, method }: StartDetails["speakerSelection"],
): number {
  const candidates = memberNames(groupChat);
  const key = startOperation(parent, operationKinds.speakerSelection, {
    method,
    last_speaker: lastSpeaker?.name ?? null,
    candidates,
  });
  setListAttribute(requireBridge(), key, attributeIds.speakerCandidates, candidates);
  return key;
}

export function selectionEnded(key: number, { speaker, method }: EndDetails["speakerSelection"]): void {
  const bridge = requireBridge();
  setNameAttribute(bridge, key, attributeIds.speakerSelected, speaker?.name);
  setNameAttribute(bridge, key, attributeIds.speakerMethod, method);
  endOperation(key, { speaker: speaker?.name ?? null, method });
}

export function humanInputStarted(parent: number, { agent, prompt }: StartDetails["humanInput"]): number {
  const key = startOperation(parent, operationKinds.humanInput, { prompt });
  setNameAttribute(requireBridge(), key, attributeIds.agentName, agent.name);
  return key;
}

export function humanInputEnded(key: number, { reply }: EndDetails["humanInput"]): void {
  endOperation(key, reply);
}

export function codeExecutionStarted(parent: number, { agent, blocks }: StartDetails["codeExecution"]): number {
  const key = startOperation(parent, operationKinds.codeExecution, {
    code_blocks: blocks.map(({ language, code }) => ({ language, code })),
  });
  setNameAttribute(requireBridge(), key, attributeIds.agentName, agent.name);
  return key;
}

/** An exit code other than 0 is recorded as an error, though AG2 treats it as any other result. */
export function codeExecutionEnded(key: number, { exitCode, output }: EndDetails["codeExecution"]): void {
  const bridge = requireBridge();
  setAttribute(bridge, key, attributeIds.exitCode, exitCode);
  if (exitCode !== 0) bridge.tracer.spanStatus(key, true, bridge.writeText(`exit code ${exitCode}`));
  endOperation(key, { exit_code: exitCode, output });
}

/** Collects the inputs and outputs of a queue of chats from the reports of the chats. */
export class ChatQueueReport {
  readonly #chats: { readonly inputs: Record<string, unknown>; readonly outputs: Record<string, unknown> }[] = [];
  readonly #count: number;
  #running = 0;
  #isParallel = false;

  constructor({ count }: StartDetails["chats"]) {
    this.#count = count;
  }

  /** Adds a chat of the queue; returns a function to be called with its result. */
  chatStarted({ sender, recipient, message }: StartDetails["chat"]): (result: EndDetails["chat"]) => void {
    const chat = {
      inputs: { sender: sender.name, recipient: recipient.name, message: message ?? null },
      outputs: { recipient: recipient.name } as Record<string, unknown>,
    };
    this.#chats.push(chat);
    this.#isParallel ||= this.#running > 0;
    this.#running += 1;
    return ({ chatId, summary }) => {
      this.#running -= 1;
      chat.outputs["chat_id"] = chatId;
      chat.outputs["summary"] = summary;
    };
  }

  /** Reports the inputs and outputs of the queue, at its end: they are known only once its chats have started. */
  report(key: number): void {
    const bridge = requireBridge();
    setAttribute(bridge, key, attributeIds.chatsCount, this.#count);
    setNameAttribute(bridge, key, attributeIds.chatsMode, this.#isParallel ? "parallel" : "sequential");
    setListAttribute(
      bridge,
      key,
      attributeIds.chatsRecipients,
      this.#chats.map(({ outputs }) => outputs["recipient"]),
    );
    setListAttribute(
      bridge,
      key,
      attributeIds.chatsIds,
      this.#chats.map(({ outputs }) => outputs["chat_id"] ?? null),
    );
    const { tag, number, lengthBytes } = bridge.encode(
      capture({ chat_queue: this.#chats.map(({ inputs }) => inputs) }),
    );
    bridge.tracer.spanInputs(key, tag, number, lengthBytes);
    const outputs = bridge.encode(capture(this.#chats.map(({ outputs }) => outputs)));
    bridge.tracer.spanOutputs(key, outputs.tag, outputs.number, outputs.lengthBytes);
  }
}

export function chatsStarted(parent: number, { sender, count }: StartDetails["chats"]): number {
  const key = startOperation(parent, operationKinds.chats, { count });
  setNameAttribute(requireBridge(), key, attributeIds.agentName, sender?.name);
  return key;
}

export function chatsEnded(key: number): void {
  const bridge = requireBridge();
  bridge.tracer.spanEnded(key, tags.nothing, 0, 0, monotonicMs());
}

function startOperation(parent: number, kind: number, inputs: unknown): number {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode(capture(inputs));
  return bridge.tracer.operationStarted(parent, kind, tag, number, lengthBytes, monotonicMs());
}

function endOperation(key: number, outputs: unknown): void {
  const bridge = requireBridge();
  const { tag, number, lengthBytes } = bridge.encode(capture(outputs));
  bridge.tracer.spanEnded(key, tag, number, lengthBytes, monotonicMs());
}

/** The names of a group chat's members, of any library. */
function memberNames(groupChat: unknown): string[] {
  const agents = (groupChat as { agents?: unknown } | null | undefined)?.agents;
  return Array.isArray(agents) ? agents.map((agent: { name?: unknown } | null) => String(agent?.name)) : [];
}
