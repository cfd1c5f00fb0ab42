/** Several copies of the package in one realm: a hot reload, a bundle beside a dev server. One chat is one trace. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, afterEach, beforeEach, describe, test } from "node:test";
import type * as Tracer from "mlflow-ag2";
import { bundle } from "../support/bundle.js";
import { projectRoot } from "../support/project.js";

interface Copy {
  mlflow: typeof Tracer;
  chat(): Promise<void>;
}

const folder = mkdtempSync(join(projectRoot, "target", "copies-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = `
  import * as mlflow from "mlflow-ag2";
  import { ConversableAgent } from "mlflow-ag2/agents";
  import { ScriptedModel } from "mlflow-ag2/agents/testing";
  export { mlflow };
  export async function chat() {
    const client = new ScriptedModel({ responses: [{ content: "Lisbon.", usage: [21, 5] }] });
    const assistant = new ConversableAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client } });
    const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
    await user.initiateChat(assistant, { message: "Capital of Portugal?", maxTurns: 1, silent: true });
  }`;

writeFileSync(join(folder, "copy.mjs"), (await bundle(PROGRAM)).text);
let copies = 0;
const load = async (): Promise<Copy> =>
  (await import(`${pathToFileURL(join(folder, "copy.mjs")).href}?copy=${(copies += 1)}`)) as Copy;
const one = await load();
const two = await load();
const both = [one, two];

class Bot {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
  async generateReply(_messages: unknown[]): Promise<string> {
    return `${this.name} says hi`;
  }
  async initiateChat(other: Bot, { message }: { message: string }): Promise<string> {
    return other.generateReply([{ role: "user", content: message }]);
  }
}

const traces = (): number[] => both.map(({ mlflow }) => mlflow.stats().traces);
const started = (): number[] => both.map(({ mlflow }) => mlflow.stats().started);
let before: number[] = [];
let startedBefore: number[] = [];
const made = (): number[] => traces().map((count, at) => count - before[at]!);
const spans = (): number[] => started().map((count, at) => count - startedBefore[at]!);
const count = (): void => {
  before = traces();
  startedBefore = started();
};

beforeEach(() => {
  for (const { mlflow } of both) {
    mlflow.enable();
    mlflow.init({ trackingUri: "memory:" });
    mlflow.autolog({ disable: true });
  }
  for (const { mlflow } of both) mlflow.autolog();
  count();
});
afterEach(() => {
  for (const { mlflow } of both) assert.deepEqual([mlflow.stats().open, mlflow.stats().hookFailures], [0, 0]);
});

describe("with two copies", () => {
  test("a chat of the agents of either is one trace, of the copy that was attached last", async () => {
    await one.chat();
    await two.chat();
    assert.deepEqual(made(), [0, 2]);
  });

  test("the copy before records again when the last one is detached", async () => {
    two.mlflow.autolog({ disable: true });
    one.mlflow.autolog();
    count();
    await two.chat();
    assert.deepEqual(
      made(),
      [1, 1].map((_, at) => (at === 0 ? 1 : 0)),
    );
  });

  test("a chat that is in progress stays in its trace when another copy is attached", async () => {
    two.mlflow.autolog({ disable: true });
    one.mlflow.autolog();
    count();
    const running = one.chat();
    two.mlflow.autolog();
    await running;
    assert.deepEqual(made(), [1, 0]);
  });

  test("a chat within a span is part of that span's trace, whichever copy made it", async () => {
    for (const [at, { mlflow }] of both.entries()) {
      count();
      await mlflow.withSpan(() => two.chat(), { name: "outer" });
      assert.deepEqual(made(), at === 0 ? [1, 0] : [0, 1]);
    }
  });

  test("agents that either has wrapped are hooked once", async () => {
    const alice = new Bot("alice");
    const bob = new Bot("bob");
    for (const { mlflow } of both) for (const bot of [alice, bob]) assert.equal(mlflow.wrapAgent(bot), bot);
    count();
    assert.equal(await alice.initiateChat(bob, { message: "hello" }), "bob says hi");
    assert.deepEqual(
      [made(), spans()],
      [
        [0, 1],
        [0, 2],
      ],
    );
  });

  test("agents of which each has wrapped one are in one trace", async () => {
    const alice = one.mlflow.wrapAgent(new Bot("alice"));
    const bob = two.mlflow.wrapAgent(new Bot("bob"));
    await alice.initiateChat(bob, { message: "hello" });
    assert.deepEqual(
      [made(), spans()],
      [
        [0, 1],
        [0, 2],
      ],
    );
    count();
    await bob.initiateChat(alice, { message: "hello" });
    assert.deepEqual(
      [made(), spans()],
      [
        [0, 1],
        [0, 2],
      ],
    );
  });

  test("a tool and a model client that one has wrapped are left as they are by the other", () => {
    const tool = one.mlflow.wrapTool(() => 1, { name: "tool" });
    assert.equal(two.mlflow.wrapTool(tool), tool);
    const client = { create: (_request: { model: string }) => "text" };
    assert.equal(one.mlflow.wrapModelClient(client), client);
    const { create } = client;
    assert.equal(two.mlflow.wrapModelClient(client).create, create);
    tool();
    assert.deepEqual(spans(), [0, 1]);
  });

  for (const [which, asked] of [
    ["first", one],
    ["second", two],
  ] as const) {
    test(`disable() of the ${which} disables both, and enable() of either enables both`, async () => {
      const open = both.map(({ mlflow }) => mlflow.startSpan({ name: "open" }));
      asked.mlflow.disable();
      assert.deepEqual(
        both.map(({ mlflow }) => [mlflow.isEnabled(), mlflow.stats().open]),
        [
          [false, 0],
          [false, 0],
        ],
      );
      for (const span of open) span.end();
      count();
      await two.chat();
      for (const { mlflow } of both) mlflow.withSpan(() => 1, { name: "untraced" });
      assert.deepEqual(spans(), [0, 0]);
      (asked === one ? two : one).mlflow.enable();
      await two.chat();
      assert.deepEqual(made(), [0, 1]);
    });

    test(`autolog({ disable: true }) of the ${which} stops the recording of agents`, async () => {
      asked.mlflow.autolog({ disable: true });
      await two.chat();
      assert.deepEqual(spans(), [0, 0]);
    });
  }
});
