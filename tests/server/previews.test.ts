/** What MLflow's list of traces shows: question, answer and source, read back from a real server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { onMlflow } from "./on-mlflow.js";
import { fromServer } from "./tracing.js";

interface Info {
  request_preview: string;
  response_preview: string;
  execution_duration: string;
  state: string;
  trace_metadata?: Record<string, string>;
}

const QUESTION = "How deep is the sea?";
const ANSWER = "Three thousand seven hundred metres.";

describe("the list of traces", () => {
  const server = onMlflow();
  let experiment: string;
  before(() => void (experiment = `lists ${randomUUID()}`));

  async function ask(message: string | Record<string, unknown> = QUESTION): Promise<void> {
    const llmConfig = { model: "gpt-4o-mini", client: new ScriptedModel([{ repeat: "forever", content: ANSWER }]) };
    const agent = (name: string): ConversableAgent =>
      new ConversableAgent({ name, humanInputMode: "NEVER", llmConfig });
    await agent("user").initiateChat(agent("guide"), { message, maxTurns: 1, silent: true });
  }

  /** What the server holds of the newest trace, once everything has been sent. */
  async function stored(): Promise<Info> {
    assert.equal((await mlflow.flush()).pending, 0);
    const response = await fetch(`${server.uri}/api/3.0/mlflow/traces/${mlflow.getLastActiveTraceId()}`);
    const { trace } = (await response.json()) as { trace: { trace_info: Info } };
    return trace.trace_info;
  }

  test("begins the fields of a chat with its message and its summary, which MLflow's sessions show", async () => {
    mlflow.autolog();
    mlflow.init({ experimentName: experiment });
    await ask();
    await stored();
    const [root] = (await fromServer(mlflow.getLastActiveTraceId()!)).data.spans;
    const first = (fields: unknown): unknown => Object.entries(fields as object)[0];
    assert.deepEqual(
      [first(root!.inputs), first(root!.outputs)],
      [
        ["message", QUESTION],
        ["summary", ANSWER],
      ],
    );
  });

  test("shows a chat by its question and answer, as memory does, and says where it is from", async () => {
    mlflow.autolog();
    mlflow.init({ experimentName: experiment, userId: "user-1" });
    await ask();
    const info = await stored();
    mlflow.init({ userId: null });
    assert.deepEqual([info.request_preview, info.response_preview, info.state], [QUESTION, ANSWER, "OK"]);
    const metadata = info.trace_metadata ?? {};
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    assert.match(metadata["mlflow.source.name"]!, /previews\.test\.js$/);
    assert.match(metadata["mlflow_ag2.host"]!, /^Node\.js\/\d+/);
    assert.deepEqual(
      [
        "mlflow.source.type",
        "mlflow.user",
        "mlflow.trace.user",
        "mlflow.trace_schema.version",
        "mlflow_ag2.version",
      ].map((key) => metadata[key]),
      ["LOCAL", "user-1", "user-1", "3", version],
    );
    assert.deepEqual(JSON.parse(metadata["mlflow.trace.tokenUsage"]!), {
      input_tokens: 10,
      output_tokens: 5,
      total_tokens: 15,
    });
    const inMemory = await mlflow.getTrace(mlflow.getLastActiveTraceId());
    assert.ok(inMemory);
    assert.deepEqual([inMemory.info.requestPreview, inMemory.info.responsePreview], [QUESTION, ANSWER]);
    // The server has spelled it anew.
    const keys = Object.keys(inMemory.info.traceMetadata).filter((key) => key !== "mlflow.trace.tokenUsage");
    assert.ok(keys.includes("mlflow.source.name"));
    for (const key of keys) assert.deepEqual(inMemory.info.traceMetadata[key], metadata[key], key);
    const [root] = inMemory.data.spans;
    assert.equal((root!.inputs as { message: string }).message, QUESTION, "the JSON stays in the span");
  });

  test("shows the previews of the program instead, and text of structured messages", async () => {
    mlflow.autolog();
    mlflow.init({ experimentName: experiment });
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    await ask({ content: [{ type: "text", text: "What is this?" }, image] });
    assert.equal((await stored()).request_preview, "What is this?");
    await mlflow.withSpan(
      async () => {
        await ask();
        mlflow.updateCurrentTrace({ requestPreview: "mine" });
      },
      { name: "around" },
    );
    assert.equal((await stored()).request_preview, "mine");
  });

  test("shows no more than the spans, whatever is masked, redacted or left out", async () => {
    mlflow.autolog();
    mlflow.init({
      experimentName: experiment,
      redact: (span) => {
        const inputs = span.inputs as { message?: string } | null;
        if (inputs?.message !== undefined) span.inputs = { ...inputs, message: "[question]" };
        span.outputs = "[answer]";
      },
    });
    try {
      await ask();
      const info = await stored();
      assert.equal(info.request_preview, "[question]");
      assert.ok(!JSON.stringify(info).includes(QUESTION) && !JSON.stringify(info).includes(ANSWER));
      mlflow.init({ redact: null, captureInputs: false, captureOutputs: false });
      await ask();
      const empty = await stored();
      assert.ok(!JSON.stringify(empty).includes(QUESTION) && !JSON.stringify(empty).includes(ANSWER));
    } finally {
      mlflow.init({ redact: null, captureInputs: true, captureOutputs: true });
    }
  });

  test("gets no info of a trace that another program continues", async () => {
    mlflow.init({ experimentName: experiment });
    const headers = mlflow.withSpan(() => mlflow.getTracingContextHeadersForHttpRequest(), { name: "page" });
    assert.ok(headers["traceparent"]);
    const { trace_metadata } = await stored();
    assert.equal(trace_metadata?.["mlflow.source.name"], undefined, "with its info the server would count no more");
  });
});
