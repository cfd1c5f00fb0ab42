/**
 * Which room may import which: the table of ARCHITECTURE.md, held by reading the import lines.
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { filesBelow, textOf } from "./source.js";

/** Rooms of the Rust side, and what each may name. `error` is everybody's. */
const RUST_ROOMS: Record<string, string[]> = {
  trace: ["trace", "error", "unknowns"],
  ag2: ["ag2", "trace", "error"],
  mlflow: ["mlflow", "trace", "error"],
  buffer: ["buffer", "trace", "error"],
  recorder: ["recorder", "ag2", "mlflow", "buffer", "trace", "error"],
  wasm: ["wasm", "recorder", "ag2", "mlflow", "trace", "error", "heap"],
  heap: ["heap"],
  error: ["error", "trace"],
};

/** Folders of the API, and what each may import. */
const SHELL_ROOMS: Record<string, string[]> = {
  agents: ["agents"],
  entry: ["entry", "pkg/wasm", "bridge", "config", "util", "index"],
  index: [
    "config",
    "instrument",
    "export",
    "spans",
    "reading",
    "redaction",
    "util",
    "capture (types)",
    "bridge (types)",
  ],
  config: ["config", "agents (types)", "redaction", "capture", "instrument", "export", "bridge", "util"],
  redaction: ["redaction", "instrument", "export", "bridge", "capture", "util"],
  spans: ["spans", "instrument", "agents (types)", "export", "bridge", "capture", "util"],
  instrument: ["instrument", "agents (types)", "export", "bridge", "capture", "util"],
  reading: ["reading", "export", "bridge", "util"],
  view: ["view", "reading (types)"],
  export: ["export", "bridge", "util"],
  capture: ["capture", "bridge", "util"],
  bridge: ["bridge", "util", "capture", "pkg/wasm (types)"],
  util: ["util"],
};

/** The npm package that the build puts into a file. Such a file imports nothing of ours: that would get in a second time. */
const BUNDLED: Record<string, string> = { "src/js/agents/models/server-sent-events.ts": "eventsource-parser" };

function rustRoom(path: string): string {
  return path
    .replace(/^src\//, "")
    .split("/")[0]!
    .replace(/\.rs$/, "");
}

test("rust rooms name only the rooms below them", () => {
  const wrong: string[] = [];
  for (const path of filesBelow("src", ".rs")) {
    const room = rustRoom(path);
    if (room === "lib") continue;
    const allowed = RUST_ROOMS[room];
    assert.ok(allowed, `${path} stands in a room without a rule`);
    for (const [, named] of textOf(path).matchAll(/\bcrate::(\w+)/g)) {
      if (!allowed.includes(named!)) wrong.push(`${path} names crate::${named}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("only the door and the table of contents ask for the wasm32 target", () => {
  const asking = filesBelow("src", ".rs").filter((path) => textOf(path).includes("target_arch"));
  assert.deepEqual(asking, ["src/lib.rs"]);
});

function shellRoom(path: string): string {
  return path
    .replace(/^src\/js\//, "")
    .split("/")[0]!
    .replace(/\.ts$/, "");
}

function importsOf(path: string): { specifier: string; typesOnly: boolean }[] {
  const text = textOf(path);
  const statements = text.matchAll(/^(?:import|export)\b([^;"']*?)\bfrom\s+["']([^"']+)["']/gm);
  return [...statements].map(([, clause, specifier]) => ({
    specifier: specifier!,
    typesOnly: clause!.trim().startsWith("type"),
  }));
}

test("shell rooms import only the rooms below them, and nothing from npm or a host", () => {
  const wrong: string[] = [];
  for (const path of filesBelow("src/js", ".ts")) {
    const room = shellRoom(path);
    const allowed = SHELL_ROOMS[room];
    assert.ok(allowed, `${path} stands in a room without a rule`);
    for (const { specifier, typesOnly } of importsOf(path)) {
      if (!specifier.startsWith(".")) {
        if (BUNDLED[path] !== specifier) wrong.push(`${path} imports ${specifier}`);
        continue;
      }
      const target = join(dirname(path), specifier);
      const name = target.startsWith("src/wasm/") ? "pkg/wasm" : shellRoom(target.replace(/\.js$/, ".ts"));
      if (!allowed.includes(name) && !(typesOnly && allowed.includes(`${name} (types)`)))
        wrong.push(`${path} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the rule about imports would notice a wrong one", () => {
  assert.equal(SHELL_ROOMS["agents"]!.includes("bridge"), false);
  assert.deepEqual(
    importsOf("src/js/entry/inline.ts")
      .map(({ specifier }) => specifier)
      .includes("../../wasm/mlflow_ag2.js"),
    true,
  );
});
