/** Sets the attributes of spans whose keys the core knows (`bridge/numbers/attribute-ids.ts`). */

import type { Bridge } from "../bridge/bridge.js";
import { capture, jsonOf, jsonOfName } from "../capture/capture.js";
import { captureLists } from "../capture/messages/capture-lists.js";
import * as tags from "../bridge/numbers/value-tags.js";

/** Sets an attribute whose value differs from span to span; none for `undefined` and `null`. */
export function setAttribute(bridge: Bridge, key: number, attributeId: number, value: unknown): void {
  if (value === undefined || value === null) return;
  const { tag, number, lengthBytes } = bridge.encode(capture(value));
  bridge.tracer.spanDetail(key, attributeId, tag, number, lengthBytes);
}

/** Sets an attribute whose value is one of a few names, which are interned. */
export function setNameAttribute(bridge: Bridge, key: number, attributeId: number, name: string | undefined): void {
  if (name === undefined || name === "") return;
  bridge.tracer.spanDetail(key, attributeId, tags.name, bridge.intern(name), 0);
}

/** Sets an attribute whose value is a list of objects that is often the same, and so is cached by the core. */
export function setSharedListAttribute(bridge: Bridge, key: number, attributeId: number, value: unknown): void {
  const { tag, number, lengthBytes } = captureLists(bridge, value);
  bridge.tracer.spanDetail(key, attributeId, tag, number, lengthBytes);
}

/** Sets an attribute whose value is a list. */
export function setListAttribute(bridge: Bridge, key: number, attributeId: number, list: readonly unknown[]): void {
  const [first] = list;
  const json = list.length === 1 && typeof first === "string" ? `[${jsonOfName(first)}]` : jsonOf(list);
  bridge.tracer.spanDetail(key, attributeId, tags.jsonText, 0, bridge.writeText(json));
}
