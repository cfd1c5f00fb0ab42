/** Facts about what agents do beside chats, replies, model and tool calls. As in `facts.ts`, call only when the core is loaded. */

import type { EndDetails, StartDetails } from "../agents/observe/observer.js";
import { capture } from "../capture/capture.js";
import { monotonicMs } from "../util/clock.js";
import * as attributeIds from "../bridge/numbers/attribute-ids.js";
import { detail, detailList, detailName } from "./details.js";
import { loaded } from "./facts.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** The numbers of `KINDS` in src/wasm/spans.rs. */
const CHATS = 0;
const SPEAKER_SELECTION = 1;
const HUMAN_INPUT = 2;
const CODE_EXECUTION = 3;

export function selectionStarted(
  parent: number,
  { groupChat, lastSpeaker, method }: StartDetails["speakerSelection"],
): number {
  const candidates = memberNames(groupChat);
  const key = started(parent, SPEAKER_SELECTION, { method, last_speaker: lastSpeaker?.name ?? null, candidates });
  detailList(loaded(), key, attributeIds.speakerCandidates, candidates);
  return key;
}

export function selectionEnded(key: number, { speaker, method }: EndDetails["speakerSelection"]): void {
  const bridge = loaded();
  detailName(bridge, key, attributeIds.speakerSelected, speaker?.name);
  detailName(bridge, key, attributeIds.speakerMethod, method);
  ended(key, { speaker: speaker?.name ?? null, method });
}

export function humanInputStarted(parent: number, { agent, prompt }: StartDetails["humanInput"]): number {
  const key = started(parent, HUMAN_INPUT, { prompt });
  detailName(loaded(), key, attributeIds.agentName, agent.name);
  return key;
}

export function humanInputEnded(key: number, { reply }: EndDetails["humanInput"]): void {
  ended(key, reply);
}

export function codeExecutionStarted(parent: number, { agent, blocks }: StartDetails["codeExecution"]): number {
  const key = started(parent, CODE_EXECUTION, {
    code_blocks: blocks.map(({ language, code }) => ({ language, code })),
  });
  detailName(loaded(), key, attributeIds.agentName, agent.name);
  return key;
}

/** Code that ends with another exit code than 0 has failed, though to AG2 that is an answer like any other. */
export function codeExecutionEnded(key: number, { exitCode, output }: EndDetails["codeExecution"]): void {
  const bridge = loaded();
  detail(bridge, key, attributeIds.exitCode, exitCode);
  if (exitCode !== 0) bridge.tracer.spanStatus(key, true, bridge.text(`exit code ${exitCode}`));
  ended(key, { exit_code: exitCode, output });
}

/** Several chats that belong together, as their own reports tell of them. */
export class ChatsReport {
  readonly #chats: { readonly inputs: Record<string, unknown>; readonly outputs: Record<string, unknown> }[] = [];
  readonly #count: number;
  #running = 0;
  #isParallel = false;

  constructor({ count }: StartDetails["chats"]) {
    this.#count = count;
  }

  /** One of the chats begins. Returns what to call at its good end. */
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

  /** Writes all of it down: what the queue held is known only once its chats have begun. */
  tell(key: number): void {
    const bridge = loaded();
    detail(bridge, key, attributeIds.chatsCount, this.#count);
    detailName(bridge, key, attributeIds.chatsMode, this.#isParallel ? "parallel" : "sequential");
    detailList(
      bridge,
      key,
      attributeIds.chatsRecipients,
      this.#chats.map(({ outputs }) => outputs["recipient"]),
    );
    detailList(
      bridge,
      key,
      attributeIds.chatsIds,
      this.#chats.map(({ outputs }) => outputs["chat_id"] ?? null),
    );
    const { tag, number, lengthBytes } = bridge.value(capture({ chat_queue: this.#chats.map(({ inputs }) => inputs) }));
    bridge.tracer.spanInputs(key, tag, number, lengthBytes);
    const outputs = bridge.value(capture(this.#chats.map(({ outputs }) => outputs)));
    bridge.tracer.spanOutputs(key, outputs.tag, outputs.number, outputs.lengthBytes);
  }
}

export function chatsStarted(parent: number, { sender, count }: StartDetails["chats"]): number {
  const key = started(parent, CHATS, { count });
  detailName(loaded(), key, attributeIds.agentName, sender?.name);
  return key;
}

export function chatsEnded(key: number): void {
  const bridge = loaded();
  bridge.tracer.spanEnded(key, tags.nothing, 0, 0, monotonicMs());
}

function started(parent: number, kind: number, inputs: unknown): number {
  const bridge = loaded();
  const { tag, number, lengthBytes } = bridge.value(capture(inputs));
  return bridge.tracer.operationStarted(parent, kind, tag, number, lengthBytes, monotonicMs());
}

function ended(key: number, outputs: unknown): void {
  const bridge = loaded();
  const { tag, number, lengthBytes } = bridge.value(capture(outputs));
  bridge.tracer.spanEnded(key, tag, number, lengthBytes, monotonicMs());
}

/** The names of a group chat's members, whatever library it is of. */
function memberNames(groupChat: unknown): string[] {
  const agents = (groupChat as { agents?: unknown } | null | undefined)?.agents;
  return Array.isArray(agents) ? agents.map((agent: { name?: unknown } | null) => String(agent?.name)) : [];
}
