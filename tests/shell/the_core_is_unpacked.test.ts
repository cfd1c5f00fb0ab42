/** The WebAssembly travels deflated; hosts without a zlib of their own inflate it by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, deflateRawSync } from "node:zlib";

// Not a public name: by its place in the package.
const unpacking = new URL("../../../pkg/js/entry/inflate.js", import.meta.url).href;
const { byHand, inflate } = (await import(unpacking)) as Record<"byHand" | "inflate", (deflated: Uint8Array, lengthBytes: number) => Uint8Array>;

/** The same numbers each time, from 0 to 1. */
function numbers(): () => number {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

/** Bytes of all kinds: none, one, all alike, few different, noise. */
function samples(): Buffer[] {
  const next = numbers();
  const made = [0, 1, 2, 300, 70_000].map((length) => Buffer.alloc(length, 7));
  for (let at = 0; at < 60; at++) {
    const different = 1 + Math.floor(next() * 256);
    made.push(Buffer.from(Array.from({ length: Math.floor(next() * 20_000) }, () => Math.floor(next() ** 3 * different))));
  }
  return made;
}

test("what any setting of zlib deflated is inflated by hand as by the host", () => {
  const settings = [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }];
  for (const bytes of samples()) {
    for (const setting of settings) {
      const deflated = deflateRawSync(bytes, setting);
      assert.ok(bytes.equals(byHand(deflated, bytes.length)), `${bytes.length} bytes, ${JSON.stringify(setting)}`);
      assert.ok(bytes.equals(inflate(deflated, bytes.length)));
    }
  }
});

test("what is cut off or longer than said is refused", () => {
  const deflated = deflateRawSync(Buffer.from("the agent reads a plan and the agent reads another".repeat(50)), { level: 9 });
  assert.throws(() => byHand(deflated.subarray(0, deflated.length >> 1), 2_500));
  assert.throws(() => byHand(deflated, 2_499));
  assert.throws(() => byHand(deflated, 2_501));
});
