/** Values that cannot be written as JSON: the chat gives what it gives without tracing, and no span is lost. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { agents, callingProbe, GOODBYE, modelSaying, toolChat } from "./chats.js";
import { onMlflow } from "./on-mlflow.js";
import { lastTrace, spanOfType, warningsDuring } from "./tracing.js";

/** Values that `JSON.stringify` refuses, changes or loses. */
const HOSTILE: Record<string, () => unknown> = {
  "a cycle": () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle["self"] = cycle;
    return cycle;
  },
  "a BigInt beyond 64 bits": () => 2n ** 100n,
  "a BigInt within an object": () => ({ big: 10n }),
  "a getter that throws": () => ({
    fine: 1,
    get broken(): never {
      throw new Error("not today");
    },
  }),
  "a toJSON that throws": () => ({
    toJSON: () => {
      throw new Error("not today");
    },
  }),
  "a function": () => () => 1,
  "a symbol": () => Symbol("s"),
  NaN: () => Number.NaN,
  "an object with infinity": () => ({ infinity: Number.POSITIVE_INFINITY }),
  "an invalid date": () => new Date(Number.NaN),
  "a Map": () => new Map([["a", 1]]),
  bytes: () => new Uint8Array([1, 2, 255]),
  "a lone surrogate": () => "half a \ud83d character",
  "a zero character": () => "zero \0 inside",
  "a revoked proxy": () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  "an object without a prototype": () => Object.assign(Object.create(null) as object, { a: 1 }),
  "ten thousand levels": () => {
    let nested: unknown = "bottom";
    for (let level = 0; level < 10_000; level++) nested = [nested];
    return nested;
  },
};

/** What a chat gave or how it failed, in a form that can be compared. */
async function outcomeOf(chat: () => Promise<{ chatHistory: unknown; summary: unknown }>): Promise<unknown> {
  try {
    const { chatHistory, summary } = await chat();
    return { chatHistory, summary };
  } catch (error) {
    return { threw: error instanceof Error ? `${error.name}: ${error.message}` : error };
  }
}

describe("values that are not JSON", () => {
  onMlflow();
  beforeEach(() => void mlflow.setExperiment("values that are not JSON"));

  /** The chat, untraced and then traced: equal, without a word, and every span reaches the server. */
  async function assertUnharmed(
    chat: () => Promise<{ chatHistory: unknown; summary: unknown }>,
  ): Promise<mlflow.Trace> {
    const untraced = await outcomeOf(chat);
    const { hookFailures, eventErrors } = mlflow.stats();
    mlflow.autolog();
    let traced: unknown;
    const warnings = await warningsDuring(async () => {
      traced = await outcomeOf(chat);
      const { pending, dropped } = await mlflow.flush({ timeoutMs: 60_000 });
      assert.deepEqual({ pending, dropped }, { pending: 0, dropped: 0 }, JSON.stringify(mlflow.stats()));
    });
    assert.deepEqual(traced, untraced);
    assert.deepEqual(warnings, []);
    assert.deepEqual([mlflow.stats().hookFailures, mlflow.stats().eventErrors], [hookFailures, eventErrors]);
    return lastTrace();
  }

  for (const [what, make] of Object.entries(HOSTILE)) {
    test(`a tool that returns ${what}`, async () => {
      const trace = await assertUnharmed(() => toolChat(make));
      const span = spanOfType(trace, "TOOL");
      assert.equal(span.name, "probe");
      // What cannot even be made text for the model is a failure of the call, traced or not.
      assert.ok(
        span.outputs !== undefined || span.status.code === "ERROR",
        "nothing is recorded of what the tool returned",
      );
    });

    test(`a tool argument that is ${what}`, async () => {
      // Arguments from a model are JSON; the agent's own hook can put anything there.
      const chat = async () => {
        const { assistant, user } = agents(modelSaying(callingProbe({ given: 1 }), GOODBYE));
        const probe = (args: Record<string, unknown>): string => {
          args["hostile"] = make();
          return "done";
        };
        assistant.registerForLlm({
          name: "probe",
          description: "A probe",
          parameters: { type: "object", properties: { given: { type: "integer" } } },
        })(probe);
        user.registerForExecution({ name: "probe" })(probe);
        return user.initiateChat(assistant, { message: "Use the probe.", silent: true });
      };
      const span = spanOfType(await assertUnharmed(chat), "TOOL");
      assert.deepEqual(
        span.inputs,
        { given: 1 },
        "the arguments are not recorded as they were when the tool was called",
      );
    });

    test(`a message field that is ${what}`, async () => {
      const chat = () => {
        const { assistant, user } = agents(modelSaying({ ...GOODBYE }));
        return user.initiateChat(assistant, { message: { content: "Hello.", extra: make() }, silent: true });
      };
      const trace = await assertUnharmed(chat);
      assert.equal(trace.data.spans.length, 3);
    });
  }

  test("a tool whose schema has a BigInt as default gets it, and the span has its digits", async () => {
    const chat = () =>
      toolChat(({ limit }) => typeof limit, {
        type: "object",
        properties: { limit: { type: "integer", default: 2n ** 70n } },
      });
    const span = spanOfType(await assertUnharmed(chat), "TOOL");
    assert.match(JSON.stringify(span.inputs), /1180591620717411303424/);
    assert.equal(span.outputs, "bigint");
  });

  test("an agent with an enormous text in its system message is traced whole", async () => {
    const text = "ü€😀".repeat(50_000);
    const chat = () => {
      const { user } = agents(modelSaying());
      const model = modelSaying(GOODBYE);
      const assistant = new ConversableAgent({
        name: "big",
        systemMessage: text,
        llmConfig: { configList: [{ model: "gpt-4o-mini", client: model }] },
        humanInputMode: "NEVER",
      });
      return user.initiateChat(assistant, { message: "Hello.", silent: true });
    };
    const span = spanOfType(await assertUnharmed(chat), "LLM");
    const { messages } = span.inputs as { messages: { content: string }[] };
    assert.equal(messages[0]?.content, text);
  });
});
