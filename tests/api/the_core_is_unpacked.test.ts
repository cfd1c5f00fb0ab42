/** The WebAssembly is encoded as text that compresses well. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const packed = (name: string): URL => new URL(`../../../pkg/${name}`, import.meta.url);

// No public names: by their places in the package.
const { unpack } = (await import(packed("js/entry/unpack.js").href)) as {
  unpack(text: string, frequent: string, lengthBytes: number): Uint8Array;
};
const { wasmText, wasmFrequent, wasmBytes } = (await import(packed("wasm/inline.js").href)) as {
  wasmText: string;
  wasmFrequent: string;
  wasmBytes: number;
};
const module = readFileSync(packed("wasm/mlflow_ag2_bg.wasm"));

test("the text in the package decodes to the module, byte for byte", () => {
  assert.ok(module.equals(unpack(wasmText, wasmFrequent, wasmBytes)));
});

test("tools that rewrite JavaScript do not change the text", () => {
  assert.match(wasmText, /^[ !#-;=-[\]-~]+$/);
});

test("a download of the text is hardly larger than one of the module", () => {
  assert.ok(gzipSync(wasmText, { level: 9 }).length < gzipSync(module, { level: 9 }).length * 1.01);
});

test("every byte has a text of its own", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const characters = Array.from({ length: 92 }, (_, at) => String.fromCharCode(35 + at)).filter(
    (character) => character !== "<" && character !== "\\",
  );
  const frequent = Buffer.from(all.subarray(0, characters.length)).toString("hex");
  const text = ["", " ", "!"]
    .flatMap((prefix) => characters.map((character) => prefix + character))
    .slice(0, 256)
    .join("");
  assert.deepEqual(unpack(text, frequent, 256), all);
});
