/**
 * Two hundred chats at once, with random delays, whose tools await and then start chats and spans of
 * their own. Everything that is started has its own name and its expected parent; the requests to the server, which
 * is a fake inside of this program, have the recorded parents.
 */

import * as mlflow from "mlflow-ag2";
import { type CallContext, ConversableAgent, type ModelClient } from "mlflow-ag2/agents";
import { report } from "./host.js";
import { spansIn, type WireSpan } from "./otlp.js";

const CHATS = 200;

const sent: WireSpan[] = [];
/** What was started: by name, the name of the expected parent ("" for none), and whether it was passed. */
const started: Record<string, { parent: string; isPassed: boolean }> = {};

mlflow.init({
  otlpEndpoint: "http://localhost:1/v1/traces",
  compression: false,
  fetch: async (_url, { body }) => {
    sent.push(...spansIn(body as Uint8Array));
    return new Response(null, { status: 200 });
  },
});
mlflow.autolog();

let seed = 20_515;
function random(below: number): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return Math.floor((seed / 2 ** 31) * below);
}

const waiting: (() => void)[] = [];

/** A turn of the host's queue of tasks, or a few of its queue of promises. */
async function delay(): Promise<void> {
  for (let turns = random(4); turns > 0; turns -= 1) {
    if (random(2) === 0) await Promise.resolve();
    else
      await new Promise<void>((resolve) => {
        // Resolved by another chat's timer, as with the queue of a connection or a worker.
        waiting.push(resolve);
        setTimeout(() => waiting.shift()?.(), 0);
      });
  }
}

function note(name: string, parent: string, isPassed: boolean): string {
  started[name] = { parent, isPassed };
  return name;
}

/** A model that calls `tool` first, if there is one, and then ends the chat. */
function model(tool?: { name: string; id: number }): ModelClient {
  let calls = 0;
  return {
    create: async () => {
      await delay();
      const function_ = tool !== undefined &&
        calls++ === 0 && { name: tool.name, arguments: JSON.stringify({ id: tool.id }) };
      const message = function_
        ? {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "call_1", type: "function" as const, function: function_ }],
          }
        : { role: "assistant", content: "TERMINATE" };
      return { id: "c", model: "m", choices: [{ index: 0, finish_reason: "stop", message }] };
    },
  };
}

function agent(name: string, client?: ModelClient): ConversableAgent {
  return new ConversableAgent({
    name,
    llmConfig: client === undefined ? false : { configList: [{ model: "m", client, price: 0 }] },
    humanInputMode: "NEVER",
    isTerminationMsg: ({ content }) => content === "TERMINATE",
  });
}

/** A short chat with an agent of that name; its span goes by that name here. */
async function smallChat(name: string, parent: string, context?: mlflow.SpanParent): Promise<void> {
  note(`chat ${name}`, parent, context !== undefined);
  await agent(`user-of-${name}`).initiateChat(agent(name, model()), { message: "Hello.", silent: true, context });
}

/** The work of a tool: chats and spans, before and after it awaits, with and without a parent. */
type Work = (id: number, tool: string, context: CallContext) => Promise<void>;

const WORKS: Work[] = [
  async function atOnce(id, tool) {
    const chat = smallChat(`inner-${id}`, tool);
    mlflow.withSpan(() => mlflow.startSpan({ name: note(`deep ${id}`, `step ${id}`, true) }).end(), {
      name: note(`step ${id}`, tool, true),
    });
    await chat;
  },
  async function afterAwaitUntold(id, tool) {
    await delay();
    const chat = smallChat(`inner-${id}`, tool);
    await mlflow.withSpan(
      async () => {
        await delay();
        mlflow.startSpan({ name: note(`deep ${id}`, `step ${id}`, false) }).end();
        await smallChat(`second-inner-${id}`, `step ${id}`);
      },
      { name: note(`step ${id}`, tool, false) },
    );
    await chat;
  },
  async function afterAwaitPassed(id, tool, context) {
    await delay();
    const chat = smallChat(`inner-${id}`, tool, context);
    await mlflow.withSpan(
      async (span) => {
        await delay();
        mlflow.startSpan({ name: note(`deep ${id}`, `step ${id}`, true), parent: span }).end();
        await smallChat(`second-inner-${id}`, `step ${id}`, span);
      },
      { name: note(`step ${id}`, tool, true), parent: context },
    );
    await chat;
  },
  async function throughTracedFunctions(id, tool, context) {
    const steps = mlflow.trace(
      async function* (_context: object) {
        await delay();
        yield 1;
        await delay();
        yield 2;
      },
      { name: note(`step ${id}`, tool, true) },
    );
    const search = mlflow.trace(async (own: mlflow.SpanParent) => smallChat(`inner-${id}`, tool, own), {
      name: note(`search ${id}`, tool, true),
    });
    await delay();
    for await (const _ of steps(context)) await delay();
    await search(context);
  },
];

async function bigChat(id: number): Promise<void> {
  await delay();
  const name = `assistant-${id}`;
  const work = WORKS[id % WORKS.length]!;
  const assistant = agent(name, model({ name: "probe", id }));
  const user = agent(`user-of-${name}`);
  const probe = async ({ id: given }: { id: number }, context: CallContext): Promise<string> => {
    await work(given, `probe ${given}`, context);
    return "done";
  };
  const parameters = { type: "object", properties: { id: { type: "integer" } } };
  assistant.registerForLlm({ name: "probe", description: "A probe", parameters })(probe);
  user.registerForExecution({ name: "probe" })(probe);
  note(`probe ${id}`, `user-of-${name}`, true);
  const chat = (): Promise<unknown> => user.initiateChat(assistant, { message: "Hello.", silent: true });
  if (id % 3 === 0) {
    note(`chat ${name}`, "", true);
    await chat();
  } else {
    note(`chat ${name}`, `request ${id}`, true);
    await mlflow.withSpan(chat, { name: note(`request ${id}`, "", true), parent: null });
  }
}

await Promise.all(Array.from({ length: CHATS }, (_, id) => bigChat(id)));
await mlflow.flush();

const host = globalThis as { process?: { getBuiltinModule?: unknown } };
report({ started, sent, hasAsyncContext: typeof host.process?.getBuiltinModule === "function", stats: mlflow.stats() });
