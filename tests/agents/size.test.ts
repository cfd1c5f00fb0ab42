/** The size of downloads: the whole library is small, and an app contains only the parts that it uses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle } from "../support/bundle.js";

const TWO_AGENTS = `
  import { AssistantAgent, UserProxyAgent } from "mlflow-ag2/agents";
  const llmConfig = { configList: [{ model: "gpt-4o-mini", baseUrl: "/model" }] };
  const assistant = new AssistantAgent({ name: "assistant", llmConfig });
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER" });
  document.body.textContent = (await user.initiateChat(assistant, { message: "Hello." })).summary;
`;

/** Texts that occur in only one part of the library, each with a program that needs this part. */
const PARTS = {
  "group chats": {
    marker: "You are in a role play game",
    program:
      'import { GroupChat, GroupChatManager } from "mlflow-ag2/agents"; console.log(GroupChat, GroupChatManager);',
  },
  "nested chats": {
    marker: "summary_from_nested_chats",
    program: 'import { registerNestedChats } from "mlflow-ag2/agents/nested-chats"; console.log(registerNestedChats);',
  },
  "group patterns": {
    marker: "[Handing off to ",
    program: 'import { initiateGroupChat } from "mlflow-ag2/agents/group"; console.log(initiateGroupChat);',
  },
  "tools of MCP servers": {
    marker: "mcp.server.name",
    program: 'import { toolsOfMcp } from "mlflow-ag2/agents/mcp"; console.log(toolsOfMcp);',
  },
  "models of other vendors": {
    marker: "skip_thought_signature_validator",
    program: 'import { GeminiClient } from "mlflow-ag2/agents/gemini"; console.log(GeminiClient);',
  },
  runs: { marker: "runCompletion", program: 'import { run } from "mlflow-ag2/agents/run"; console.log(run);' },
  "the console": {
    marker: "TERMINATING RUN",
    program: 'import { setPrinter } from "mlflow-ag2/agents/console"; console.log(setPrinter);',
  },
  "code execution": {
    marker: "exitcode: ",
    program: 'import { CodeExecutor } from "mlflow-ag2/agents/executors"; console.log(CodeExecutor);',
  },
};

test("the whole library is less than 33.5 kB, minified and compressed", async () => {
  const { gzipBytes } = await bundle('export * from "mlflow-ag2/agents";');
  assert.ok(gzipBytes < 33_500, `it has ${gzipBytes} bytes`);
});

test("group patterns add less than 10 kB to the library, minified and compressed", async () => {
  const [library, both] = await Promise.all([
    bundle('export * from "mlflow-ag2/agents";'),
    bundle('export * from "mlflow-ag2/agents"; export * from "mlflow-ag2/agents/group";'),
  ]);
  assert.ok(both.gzipBytes - library.gzipBytes < 10_000, `they add ${both.gzipBytes - library.gzipBytes} bytes`);
});

test("an app with one chat of two agents downloads less than 27.5 kB, minified and compressed", async () => {
  const { gzipBytes } = await bundle(TWO_AGENTS);
  assert.ok(gzipBytes < 27_500, `it has ${gzipBytes} bytes`);
});

test("an app with one chat of two agents contains none of the parts it does not use", async () => {
  const { text } = await bundle(TWO_AGENTS);
  assert.deepEqual(
    Object.entries(PARTS).flatMap(([part, { marker }]) => (text.includes(marker) ? [part] : [])),
    [],
  );
});

for (const [part, { marker, program }] of Object.entries(PARTS)) {
  test(`an app that uses ${part} contains them, so that the marker text is detectable`, async () => {
    assert.ok((await bundle(program)).text.includes(marker));
  });
}

test("the library contains nothing from outside its folder", async () => {
  const { files } = await bundle(
    'export * from "mlflow-ag2/agents"; export * as testing from "mlflow-ag2/agents/testing";',
  );
  assert.deepEqual(
    files.filter((path) => path !== "<stdin>" && !path.startsWith("pkg/js/agents/")),
    [],
  );
  assert.ok(files.length > 30);
});
