/** The page that compares AG2's API with this one is complete. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as agents from "mlflow-ag2/agents";
import { projectRoot } from "../support/project.js";

const page = readFileSync(join(projectRoot, "docs", "agents-api.md"), "utf8");
const words = new Set(page.match(/\w+/g));

/** The names that the declarations of a module export, including types. */
function exportedBy(path: string): string[] {
  const text = readFileSync(join(projectRoot, "pkg", "js", "agents", path), "utf8");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) => String(list).split(","));
  return lists.map((entry) => entry.trim().replace(/^type /, "")).filter((name) => name !== "");
}

const exported = [
  "index.d.ts",
  "testing/index.d.ts",
  "azure/index.d.ts",
  "anthropic/index.d.ts",
  "ollama/index.d.ts",
  "mistral/index.d.ts",
  "gemini/index.d.ts",
  "openai-responses/index.d.ts",
  "clear-history/index.d.ts",
  "console/index.d.ts",
  "executors/index.d.ts",
  "group/index.d.ts",
  "mcp/index.d.ts",
  "nested-chats/index.d.ts",
  "resume/index.d.ts",
  "run/index.d.ts",
].flatMap(exportedBy);

test("every exported name is on the page", () => {
  assert.deepEqual(
    exported.filter((name) => !words.has(name)),
    [],
  );
  // The list is complete: it includes all values that the module exports.
  assert.deepEqual(
    Object.keys(agents).filter((name) => !exported.includes(name)),
    [],
  );
});

test("every public method of agents, managers, group chats and wrappers is on the page", () => {
  const methods = [agents.ConversableAgent, agents.GroupChat, agents.GroupChatManager, agents.OpenAIWrapper].flatMap(
    ({ prototype }) => Object.getOwnPropertyNames(prototype),
  );
  // Names that differ only in camelCase are listed in Python's spelling.
  const listed = (name: string): boolean =>
    words.has(name) || words.has(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  assert.deepEqual(
    methods.filter((name) => name !== "constructor" && !listed(name)),
    [],
  );
});

test("every omission has a reason", () => {
  const blanks = page.split("\n").filter((line) => /\| — \|/.test(line));
  assert.deepEqual(
    blanks.filter((line) => /\| — \|\s*\|$/.test(line)),
    [],
  );
  assert.ok(blanks.length > 20);
});
