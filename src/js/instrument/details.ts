/** What is known of an operation beyond what went in and came out: the attributes that the core spells. */

import type { Border } from "../bridge/border.js";
import { JSON_TEXT, NAME, capture, jsonOf } from "../capture/capture.js";
import { captureLists } from "../capture/messages/capture-lists.js";

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
