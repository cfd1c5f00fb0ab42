/** Agents of other libraries, hooked by `autolog({ library })`: what their traces hold. */

import assert from "node:assert/strict";
import { afterEach, before, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import * as agents from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import * as classic from "../third_party/classic.js";
import * as direct from "../third_party/direct.js";
import { OUTLINES, AGENT_OUTPUTS } from "../third_party/expected.js";
import { libraries, programs } from "../third_party/programs.js";
import { newLog, ScriptedOpenAI } from "../third_party/script.js";
import { lastTrace, outline, agentOutputs, spansNamed } from "../third_party/traces.js";

before(() => mlflow.setTrackingUri("memory:"));
beforeEach(() => mlflow.autolog({ library: libraries }));
afterEach(() => mlflow.autolog({ disable: true }));

for (const [name, program] of Object.entries(programs)) {
  test(`${name} gives one tree`, async () => {
    await program();
    const trace = await lastTrace();
    assert.deepEqual(outline(trace), OUTLINES[name]);
    if (AGENT_OUTPUTS[name] !== undefined) assert.deepEqual(agentOutputs(trace), AGENT_OUTPUTS[name]);
    assert.equal(mlflow.stats().open, 0);
  });
}

test("a chat has its arguments as inputs and its result as outputs", async () => {
  await programs["classicChat"]!();
  const { inputs, outputs } = (await lastTrace()).data.spans[0]! as unknown as {
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
  };
  assert.equal(inputs["recipient"], "assistant");
  assert.equal(inputs["message"], "What is 2 + 3?");
  assert.equal(outputs["summary"], "user heard assistant");
  assert.equal((outputs["chat_history"] as unknown[]).length, 5);
});

test("a chat without a result has its messages as outputs", async () => {
  const log = newLog();
  class Quiet extends classic.ConversableAgent {
    override async initiateChat(recipient: classic.ConversableAgent, options: { message: string }): Promise<never> {
      await super.initiateChat(recipient, options);
      return undefined as never;
    }
  }
  await new Quiet({ name: "quiet", log, maxTurns: 0 }).initiateChat(
    new classic.ConversableAgent({ name: "other", log }),
    { message: "hush" },
  );
  const { outputs } = (await lastTrace()).data.spans[0]! as unknown as {
    outputs: { chat_history: unknown; summary: unknown };
  };
  assert.deepEqual(outputs.summary, "other heard quiet");
});

test("a model call shows its request, its answer, its model, its tokens and whose it is", async () => {
  await programs["directChat"]!();
  const trace = await lastTrace();
  const call = spansNamed(trace, "chat_completion").at(-1)!;
  assert.equal((call.inputs as { model: string }).model, "m-2");
  assert.equal(
    (call.outputs as { choices: { message: { content: string } }[] }).choices[0]!.message.content,
    "TERMINATE",
  );
  assert.deepEqual(call.getAttribute("mlflow.chat.tokenUsage"), {
    input_tokens: 50,
    output_tokens: 5,
    total_tokens: 55,
  });
  assert.equal(call.getAttribute("mlflow.llm.model"), "m-2");
  assert.equal(call.getAttribute("source"), "bob");
  assert.deepEqual(trace.info.tokenUsage, { input_tokens: 90, output_tokens: 15, total_tokens: 105 });
});

test("a tool call shows its arguments and its result, and its failure where the library swallows it", async () => {
  await programs["classicChat"]!();
  const trace = await lastTrace();
  const [add] = spansNamed(trace, "add");
  assert.deepEqual([add!.inputs, add!.outputs], [{ a: 2, b: 3 }, "5"]);
  const [fail] = spansNamed(trace, "fail");
  assert.deepEqual(fail!.status, {
    code: "ERROR",
    description: "Error: out of range",
    statusCode: "STATUS_CODE_ERROR",
  });
});

test("an error is on the span that failed and on the spans that it propagated through, as it was thrown", async () => {
  await programs["classicFailure"]!();
  for (const span of (await lastTrace()).data.spans) {
    assert.equal(span.status.description, "the model is ill");
    assert.equal(span.events.at(-1)!.attributes["exception.type"], "TypeError");
  }
});

test("an error that a library catches stays on the turn that failed", async () => {
  await programs["emitterChat"]!();
  const trace = await lastTrace();
  assert.equal(trace.data.spans[0]!.status.code, "OK");
  assert.equal(spansNamed(trace, "🐻")[0]!.status.description, "no more tokens");
});

test("manual spans and our own agents are nested in it, and it is nested in them", async () => {
  const log = newLog();
  const user = new classic.ConversableAgent({ name: "user", log, maxTurns: 0 });
  const client = new ScriptedOpenAI([{ calls: [{ name: "consult", args: {} }] }, "done"], log);
  const assistant = new classic.AssistantAgent({ name: "assistant", log, client });
  assistant.registerFunction({
    consult: async () => {
      await Promise.resolve();
      return mlflow.withSpan(
        async () => {
          const expert = new ConversableAgent({ name: "expert", defaultAutoReply: "indeed" });
          await new ConversableAgent({ name: "asker" }).initiateChat(expert, {
            message: "is it?",
            maxTurns: 1,
            silent: true,
          });
        },
        { name: "by hand" },
      );
    },
  });
  await mlflow.withSpan(() => user.initiateChat(assistant, { message: "consult" }), { name: "outermost" });
  assert.deepEqual(outline(await lastTrace()), [
    "UNKNOWN outermost",
    "  CHAIN initiate_chat",
    "    AGENT assistant",
    "      LLM chat_completion",
    "      TOOL consult",
    "        UNKNOWN by hand",
    "          CHAIN initiate_chat",
    "            AGENT expert",
    "      LLM chat_completion",
  ]);
});

describe("hooks", () => {
  const descriptors = (): unknown[] =>
    [
      classic.ConversableAgent,
      classic.AssistantAgent,
      classic.UserProxyAgent,
      direct.BaseAgent,
      direct.AssistantAgent,
      direct.GroupChat,
      direct.OpenAIProvider,
    ].map(({ prototype }) => Object.getOwnPropertyDescriptors(prototype) as unknown);

  test("that are removed leave the identical functions, with the same property attributes", () => {
    mlflow.autolog({ disable: true });
    const before = descriptors();
    mlflow.autolog({ library: libraries });
    assert.notDeepEqual(descriptors(), before);
    mlflow.autolog({ disable: true });
    assert.deepEqual(descriptors(), before);
    for (const [index, { prototype }] of [classic.ConversableAgent, classic.AssistantAgent].entries()) {
      for (const [name, { value }] of Object.entries(before[index] as Record<string, PropertyDescriptor>)) {
        assert.equal(Object.getOwnPropertyDescriptor(prototype, name)!.value, value, name);
      }
    }
  });

  test("that are added twice are added once", () => {
    const once = classic.ConversableAgent.prototype.send;
    mlflow.autolog({ library: libraries });
    mlflow.autolog({ library: classic });
    assert.equal(classic.ConversableAgent.prototype.send, once);
  });

  test("are added again when tracing is enabled", () => {
    mlflow.disable();
    const { send } = classic.ConversableAgent.prototype;
    mlflow.enable();
    assert.notEqual(classic.ConversableAgent.prototype.send, send);
    mlflow.disable();
    assert.equal(classic.ConversableAgent.prototype.send, send);
    mlflow.enable();
  });

  test("look like the original functions", () => {
    const { generateReply } = classic.AssistantAgent.prototype;
    mlflow.autolog({ disable: true });
    const original = classic.AssistantAgent.prototype.generateReply;
    assert.equal(generateReply.name, original.name);
    assert.equal(generateReply.length, original.length);
    assert.equal(generateReply.constructor, original.constructor);
    assert.equal(Object.prototype.toString.call(generateReply), "[object AsyncFunction]");
  });

  test("trace nothing while the flag from outside is set", async () => {
    const { started } = mlflow.stats();
    (globalThis as { MLFLOW_AG2_DISABLED?: boolean }).MLFLOW_AG2_DISABLED = true;
    await programs["classicChat"]!();
    delete (globalThis as { MLFLOW_AG2_DISABLED?: boolean }).MLFLOW_AG2_DISABLED;
    assert.equal(mlflow.stats().started, started);
  });

  test("reach agents that were made before", async () => {
    mlflow.autolog({ disable: true });
    const log = newLog();
    const user = new classic.ConversableAgent({ name: "early", log });
    const other = new classic.AssistantAgent({ name: "bird", log, client: new ScriptedOpenAI(["a", "b"], log) });
    mlflow.autolog();
    await user.initiateChat(other, { message: "hello" });
    assert.deepEqual(outline(await lastTrace()).slice(0, 3), [
      "CHAIN initiate_chat",
      "  AGENT bird",
      "    LLM chat_completion",
    ]);
  });
});

describe("a library", () => {
  test("that reports itself is not traced twice", async () => {
    mlflow.autolog({ library: agents });
    mlflow.wrapAgent(new ConversableAgent({ name: "wrapped" }));
    class Own extends ConversableAgent {}
    mlflow.autolog({ library: { Own } });
    const model = new ScriptedModel([{ content: "hello" }]);
    const helper = mlflow.wrapAgent(
      new Own({ name: "helper", llmConfig: { configList: [{ model: "m", client: model }] } }),
    );
    await new Own({ name: "user" }).initiateChat(helper, { message: "hi", maxTurns: 1, silent: true });
    assert.deepEqual(outline(await lastTrace()), ["CHAIN initiate_chat", "  AGENT helper", "    LLM chat_completion"]);
  });

  test("may be a class, an object with classes, or several of them", async () => {
    class Loner {
      readonly name = "loner";
      async generateReply(): Promise<string> {
        return "alone";
      }
    }
    for (const library of [Loner, { Loner }, { inner: { deeper: { Loner } } }, [{ Loner }]]) {
      mlflow.autolog({ library });
      const { traces } = mlflow.stats();
      await new Loner().generateReply();
      assert.equal(mlflow.stats().traces, traces + 1);
      assert.deepEqual(outline(await lastTrace()), ["AGENT loner"]);
    }
  });

  test("that is none is rejected, with the fix in the message", () => {
    assert.throws(() => mlflow.autolog({ library: "autogen" as never }), {
      code: "invalid_argument",
      message: /import \* as library/,
    });
  });

  test("whose functions make agents is hooked through them, where they can be replaced", async () => {
    const library = { createAgent: (name: string) => ({ name, generateReply: async () => `${name} speaks` }) };
    mlflow.autolog({ library });
    await library.createAgent("made").generateReply();
    assert.deepEqual(agentOutputs(await lastTrace()), ["made: undefined/null -> made/made speaks"]);
  });

  test("whose functions cannot be replaced causes a warning with the fix", async (context) => {
    const warn = context.mock.method(console, "warn", () => undefined);
    mlflow.setTrackingUri("memory:");
    mlflow.autolog({ library: await import("../third_party/closures.js") });
    assert.equal(warn.mock.callCount(), 1);
    assert.match(String(warn.mock.calls[0]!.arguments[0]), /wrapAgent on the agents they make/);
    assert.match(String(warn.mock.calls[0]!.arguments[0]), /library \d+ .*`createAgent`/);
  });

  test("is described with what is hooked of it, and why the rest is not", async (context) => {
    const warn = context.mock.method(console, "warn", () => undefined);
    const source = `
      export class TalkAgent {
        generateReply() {}
        addTools() {}
      }
      export class Empty {}
      export const version = "1";
      export async function runSequentialChat() {}
    `;
    const library = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as object;
    mlflow.autolog({ library });
    assert.match(String(warn.mock.calls[0]!.arguments[0]), /cannot be traced in `runSequentialChat`/);
    const described = mlflow.describeHooks().at(-1)!;
    assert.deepEqual(described.hooked, [
      { name: "TalkAgent", kind: "agent", methods: { generateReply: "reply", addTools: "registration" } },
    ]);
    assert.deepEqual(
      described.unhooked.map(({ name, reason }) => [name, reason.split(",")[0]]),
      [
        ["Empty", "the class has no method with a known name"],
        ["runSequentialChat", "a function that an ES module exports cannot be replaced"],
      ],
    );
    mlflow.autolog({ disable: true });
    assert.deepEqual(mlflow.describeHooks(), []);
  });
});

describe("a library that announces itself", () => {
  const LIBRARIES = Symbol.for("mlflow-ag2.libraries");
  const shared = globalThis as { [LIBRARIES]?: Set<object> | object[] };
  const fresh = (name: string): { Agent: new () => { generateReply(): Promise<string> } } => ({
    Agent: class {
      readonly name = name;
      async generateReply(): Promise<string> {
        return "here";
      }
    },
  });
  const isTraced = async ({ Agent }: ReturnType<typeof fresh>): Promise<boolean> => {
    const { traces } = mlflow.stats();
    await new Agent().generateReply();
    return mlflow.stats().traces > traces;
  };

  test("is traced, whether it does before autolog() or after", async () => {
    mlflow.autolog({ disable: true });
    const [early, late] = [fresh("early"), fresh("late")];
    mlflow.announceLibrary(early);
    assert.equal(await isTraced(early), false);
    mlflow.autolog();
    mlflow.announceLibrary(late);
    assert.deepEqual([await isTraced(early), await isTraced(late)], [true, true]);
  });

  test("need no import for it", async () => {
    const [before, after] = [fresh("before"), fresh("after")];
    (shared[LIBRARIES] as Set<object>).add(before);
    assert.equal(await isTraced(before), true);
    mlflow.autolog({ disable: true });
    shared[LIBRARIES] = [before];
    mlflow.autolog();
    shared[LIBRARIES].push(after);
    assert.deepEqual([await isTraced(before), await isTraced(after)], [true, true]);
    mlflow.autolog({ disable: true });
    assert.equal(Object.hasOwn(shared[LIBRARIES], "push"), false);
  });

  test("must be an object", () => {
    assert.throws(() => mlflow.announceLibrary("autogen" as never), { code: "invalid_argument" });
  });
});

test("no hook has failed meanwhile", () => {
  assert.equal(mlflow.stats().hookFailures, 0);
});
