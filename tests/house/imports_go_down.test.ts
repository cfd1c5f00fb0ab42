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

/** Rooms of the shell. A room is a folder, or a file of its own. */
const SHELL_ROOMS: Record<string, string[]> = {
  agents: ["agents"],
  entry: ["entry", "pkg/wasm", "core", "environment", "host", "index"],
  index: ["options", "autolog", "kill-switch", "config", "instrument", "lifecycle", "spans", "trace", "switch", "stats", "errors", "redactable-span", "redaction (types)", "mask", "border (types)", "webassembly (types)"],
  autolog: ["agents (types)", "instrument", "lifecycle", "core", "errors", "switch", "warn"],
  "kill-switch": ["instrument", "lifecycle", "switch"],
  config: ["options", "environment", "core", "errors", "lifecycle", "switch", "warn", "border"],
  environment: ["options", "instrument", "lifecycle", "core", "errors", "host", "warn", "border"],
  options: ["options", "redaction", "capture", "mask", "instrument", "errors", "lifecycle", "border"],
  instrument: ["instrument", "agents (types)", "core", "errors", "guard", "host", "lifecycle", "switch", "border", "capture", "clock", "messages", "warn", "unknowns"],
  spans: ["spans", "messages", "instrument", "agents (types)", "core", "errors", "guard", "lifecycle", "switch", "border", "capture", "clock", "warn"],
  messages: ["messages", "border", "capture"],
  lifecycle: ["lifecycle", "core", "clock", "errors", "guard", "host", "switch", "warn", "border", "unknowns"],
  trace: ["trace", "core", "border", "errors", "lifecycle", "warn", "unknowns"],
  view: ["view", "trace (types)"],
  redaction: ["redactable-span", "instrument", "lifecycle", "core", "border", "capture", "describe", "clock", "warn", "unknowns"],
  "redactable-span": [],
  stats: ["lifecycle", "redaction", "capture", "core", "guard", "border", "instrument"],
  core: ["border", "errors", "warn", "webassembly (types)", "pkg/wasm (types)", "unknowns"],
  border: ["capture", "webassembly (types)", "pkg/wasm (types)"],
  capture: ["describe", "mask", "survey", "unknowns"],
  describe: ["mask", "platform", "survey", "unknowns"],
  survey: ["mask"],
  mask: [],
  platform: [],
  switch: ["host"],
  clock: [],
  errors: [],
  guard: [],
  host: [],
  warn: [],
  webassembly: [],
  unknowns: [],
};

/** The npm package that the build puts into a file. Such a file imports nothing of ours: that would get in a second time. */
const BUNDLED: Record<string, string> = { "src/js/agents/server-sent-events.ts": "eventsource-parser" };

function rustRoom(path: string): string {
  return path.replace(/^src\//, "").split("/")[0]!.replace(/\.rs$/, "");
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
  return path.replace(/^src\/js\//, "").split("/")[0]!.replace(/\.ts$/, "");
}

function importsOf(path: string): { specifier: string; typesOnly: boolean }[] {
  const text = textOf(path);
  const statements = text.matchAll(/^(?:import|export)\b([^;"']*?)\bfrom\s+["']([^"']+)["']/gm);
  return [...statements].map(([, clause, specifier]) => ({ specifier: specifier!, typesOnly: clause!.trim().startsWith("type") }));
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
      if (!allowed.includes(name) && !(typesOnly && allowed.includes(`${name} (types)`))) wrong.push(`${path} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test("the rule about imports would notice a wrong one", () => {
  assert.equal(SHELL_ROOMS["agents"]!.includes("core"), false);
  assert.deepEqual(importsOf("src/js/entry/inline.ts").map(({ specifier }) => specifier).includes("../../wasm/mlflow_ag2.js"), true);
});
