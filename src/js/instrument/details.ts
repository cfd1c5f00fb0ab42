/** What is known of an operation beyond what went in and came out: the attributes that the core spells. */

import type { Bridge } from "../bridge/bridge.js";
import { capture, jsonOf } from "../capture/capture.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** Says something that differs from span to span; nothing if there is nothing to say. */
export function detail(bridge: Bridge, key: number, which: number, value: unknown): void {
  if (value === undefined || value === null) return;
  const { tag, number, lengthBytes } = bridge.value(capture(value));
  bridge.tracer.spanDetail(key, which, tag, number, lengthBytes);
}

/** Says one of a few words, which cross only once. */
export function detailName(bridge: Bridge, key: number, which: number, name: string | undefined): void {
  if (name === undefined || name === "") return;
  bridge.tracer.spanDetail(key, which, tags.name, bridge.name(name), 0);
}

/** Says a list of objects that is often the same. */
export function detailLists(bridge: Bridge, key: number, which: number, value: unknown): void {
  const { tag, number, lengthBytes } = captureLists(bridge, value);
  bridge.tracer.spanDetail(key, which, tag, number, lengthBytes);
}

/** Says a list. */
export function detailList(bridge: Bridge, key: number, which: number, list: readonly unknown[]): void {
  bridge.tracer.spanDetail(key, which, tags.jsonText, 0, bridge.text(jsonOf(list)));
}
