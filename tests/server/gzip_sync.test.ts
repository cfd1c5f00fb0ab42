/** The compression of pages that are being left, which cannot wait for the host's own. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { projectRoot } from "../support/project.js";

const file = pathToFileURL(join(projectRoot, "pkg", "js", "export", "gzip-sync.js")).href;
const { gzipSync: ownGzipSync } = (await import(file)) as { gzipSync(bytes: Uint8Array): Uint8Array };

let seed = 20_515;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return Math.floor((seed / 2 ** 31) * below);
}

test("synchronously compressed bodies are decompressed by the host", () => {
  const lengths = [
    0,
    1,
    2,
    3,
    257,
    258,
    259,
    260,
    32_767,
    32_768,
    32_769,
    70_000,
    ...Array.from({ length: 300 }, () => random(2_000)),
  ];
  for (const length of lengths) {
    for (const letters of [1, 2, 5, 256]) {
      const bytes = Uint8Array.from({ length }, () => random(letters));
      assert.deepEqual(new Uint8Array(gunzipSync(ownGzipSync(bytes))), bytes, `${length} bytes of ${letters} kinds`);
    }
  }
});

test("a conversation becomes a fraction, if not as small as zlib makes it", () => {
  const golden = readFileSync(join(projectRoot, "tests", "golden", "calculator.requests.json"));
  const bytes = ownGzipSync(golden).length;
  assert.ok(
    bytes < golden.length / 4 && bytes < 2.5 * gzipSync(golden).length,
    `${bytes} of ${golden.length} bytes, zlib: ${gzipSync(golden).length}`,
  );
});
