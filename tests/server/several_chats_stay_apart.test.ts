/** More than one chat, and every order of set-up: each chat has one trace, and it is its own. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { agents, callingProbe, GOODBYE, modelSaying, shortChat, toolChat } from "./chats.js";
import { lastTrace, outline, resetTracing } from "./tracing.js";

const SHORT = ["CHAIN initiate_chat OK", "  AGENT assistant OK", "    LLM chat_completion OK"];

describe("several chats", () => {
  beforeEach(resetTracing);
  afterEach(resetTracing);

  test("agents made before autolog() are traced like those made after it", async () => {
    const { assistant, user } = agents(modelSaying(GOODBYE));
    mlflow.autolog();
    await user.initiateChat(assistant, { message: "Hello.", silent: true });
    assert.deepEqual(outline(await lastTrace()), SHORT);
    await shortChat();
    assert.deepEqual(outline(await lastTrace()), SHORT);
  });

  test("a second autolog() records nothing twice", async () => {
    mlflow.autolog();
    mlflow.ag2.autolog();
    mlflow.autolog();
    const { started } = mlflow.stats();
    await shortChat();
    assert.equal(mlflow.stats().started - started, SHORT.length);
  });

  test("two chats one after the other are two traces", async () => {
    mlflow.autolog();
    await shortChat();
    const first = await lastTrace();
    await shortChat();
    const second = await lastTrace();
    assert.notEqual(first.info.traceId, second.info.traceId);
    assert.deepEqual(outline(second), SHORT);
  });

  test("chats at the same time are kept apart, however they interleave", async () => {
    mlflow.autolog();
    const finished: { name: string; traceId: string | undefined }[] = [];
    const chat = async (name: string): Promise<void> => {
      const { assistant, user } = agents(modelSaying(callingProbe({ name }), callingProbe({ name }), GOODBYE), {
        assistant: `${name}-assistant`,
        user: `${name}-user`,
      });
      const probe = async ({ name: given }: Record<string, unknown>): Promise<string> => {
        await new Promise((resolve) => setImmediate(resolve));
        return `for ${String(given)}`;
      };
      const parameters = { type: "object", properties: { name: { type: "string" } } };
      assistant.registerForLlm({ name: "probe", description: "A probe", parameters })(probe);
      user.registerForExecution({ name: "probe" })(probe);
      await user.initiateChat(assistant, { message: `Hello from ${name}.`, silent: true });
      finished.push({ name, traceId: mlflow.getLastActiveTraceId() });
    };
    await Promise.all(["a", "b", "c", "d"].map(chat));

    assert.equal(new Set(finished.map(({ traceId }) => traceId)).size, 4);
    for (const { name, traceId } of finished) {
      const trace = await mlflow.getTrace(traceId);
      assert.ok(trace);
      const { spans } = trace.data;
      assert.deepEqual(trace.info.tokenUsage, { input_tokens: 30, output_tokens: 15, total_tokens: 45 });
      assert.deepEqual(
        [...new Set(spans.filter(({ spanType }) => spanType === "AGENT").map((span) => span.name))].sort(),
        [`${name}-assistant`, `${name}-user`],
      );
      assert.deepEqual(
        spans.filter(({ spanType }) => spanType === "TOOL").map((span) => [span.inputs, span.outputs]),
        Array(2).fill([{ name }, `for ${name}`]),
      );
      assert.equal((spans[0]!.inputs as { message: string }).message, `Hello from ${name}.`);
    }
    assert.equal(mlflow.stats().open, 0);
  });

  test("a chat that a tool starts with its context belongs to the outer trace, below the tool", async () => {
    mlflow.autolog();
    const outer = await toolChat(async (_args, context) => {
      const { assistant, user } = agents(modelSaying(GOODBYE), { assistant: "inner", user: "inner-user" });
      const inner = await user.initiateChat(assistant, { message: "Inside.", silent: true, context });
      return inner.summary;
    });
    assert.match(JSON.stringify(outer.chatHistory), /Done/);
    assert.deepEqual(outline(await lastTrace()), [
      "CHAIN initiate_chat OK",
      "  AGENT assistant OK",
      "    LLM chat_completion OK",
      "  AGENT user OK",
      "    TOOL probe OK",
      "      CHAIN initiate_chat OK",
      "        AGENT inner OK",
      "          LLM chat_completion OK",
      "  AGENT assistant OK",
      "    LLM chat_completion OK",
    ]);
  });

  test("a chat that is switched off half-way ends as if it had not been traced", async () => {
    const untraced = await toolChat(() => "ok");
    mlflow.autolog();
    const traced = await toolChat(() => {
      mlflow.disable();
      return "ok";
    });
    assert.deepEqual(traced.chatHistory, untraced.chatHistory);
    assert.equal(mlflow.stats().open, 0);
  });

  test("flush() returns the number of delivered spans, and nothing is sent twice", async () => {
    mlflow.autolog();
    assert.deepEqual(await mlflow.flush(), { delivered: 0, pending: 0, dropped: 0 });
  });
});
