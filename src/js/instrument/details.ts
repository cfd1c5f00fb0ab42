/** What is known of an operation beyond what went in and came out: the attributes that the core spells. */

import type { Border } from "../border.js";
import { JSON_TEXT, NAME, capture, jsonOf } from "../capture.js";
import { captureLists } from "../messages/capture-lists.js";

/** The numbers of `DETAILS` in src/wasm/spans.rs. */
export const Detail = {
  agentName: 0,
  provider: 1,
  configIndex: 2,
  conversationId: 3,
  conversationTurns: 4,
  conversationMaxTurns: 5,
  temperature: 6,
  maxTokens: 7,
  topP: 8,
  frequencyPenalty: 9,
  presencePenalty: 10,
  seed: 11,
  choiceCount: 12,
  responseModel: 13,
  responseId: 14,
  finishReasons: 15,
  speakerCandidates: 16,
  speakerSelected: 17,
  speakerMethod: 18,
  exitCode: 19,
  chatsCount: 20,
  chatsMode: 21,
  chatsRecipients: 22,
  chatsIds: 23,
  chatTools: 24,
} as const;

/** The numbers of `KINDS` there. */
export const OperationKind = { chats: 0, speakerSelection: 1, humanInput: 2, codeExecution: 3 } as const;

/** Says something that differs from span to span; nothing if there is nothing to say. */
export function detail(border: Border, key: number, which: number, value: unknown): void {
  if (value === undefined || value === null) return;
  const { tag, number, lengthBytes } = border.value(capture(value));
  border.tracer.spanDetail(key, which, tag, number, lengthBytes);
}

/** Says one of a few words, which cross only once. */
export function detailName(border: Border, key: number, which: number, name: string | undefined): void {
  if (name === undefined || name === "") return;
  border.tracer.spanDetail(key, which, NAME, border.name(name), 0);
}

/** Says a list of objects that is often the same. */
export function detailLists(border: Border, key: number, which: number, value: unknown): void {
  const { tag, number, lengthBytes } = captureLists(border, value);
  border.tracer.spanDetail(key, which, tag, number, lengthBytes);
}

/** Says a list. */
export function detailList(border: Border, key: number, which: number, list: readonly unknown[]): void {
  border.tracer.spanDetail(key, which, JSON_TEXT, 0, border.text(jsonOf(list)));
}
