/** NUL, which PostgreSQL stores in no text, is replaced by U+FFFD wherever text is recorded. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { ConversableAgent } from "mlflow-ag2/agents";
import { ScriptedModel } from "mlflow-ag2/agents/testing";
import { startRecordingServer } from "../support/recording-server.js";
import { resetTracing } from "./tracing.js";

const NUL = "nul\0nul";
const REPLACED = /nul(?:\ufffd|\\+ufffd)nul/gu;

test("names, values, keys, tags, sessions, metadata, errors and events have no NUL on the wire", async () => {
  await resetTracing();
  const server = await startRecordingServer();
  mlflow.init({ trackingUri: server.uri, compression: false });
  const error = new Error(NUL);
  error.name = NUL;
  assert.throws(() =>
    mlflow.withSpan(
      (span) => {
        mlflow.updateCurrentTrace({
          tags: { [NUL]: NUL },
          metadata: { [NUL]: NUL },
          sessionId: NUL,
          userId: NUL,
          clientRequestId: NUL,
          requestPreview: NUL,
          responsePreview: NUL,
        });
        span.setInputs({ [NUL]: [NUL, { deep: NUL }], json: JSON.stringify({ text: NUL }), escaped: "nul\\u0000nul" });
        span.setOutputs(NUL);
        span.setAttribute(NUL, NUL);
        span.setAttribute("list", [NUL]);
        span.addEvent({ name: NUL, attributes: { [NUL]: NUL } });
        throw error;
      },
      { name: NUL, spanType: NUL },
    ),
  );
  mlflow.autolog();
  const client = new ScriptedModel({ responses: [{ content: NUL }] });
  const assistant = new ConversableAgent({ name: "assistant", systemMessage: NUL, llmConfig: { model: "m", client } });
  const user = new ConversableAgent({ name: "user", llmConfig: false, humanInputMode: "NEVER" });
  await user.initiateChat(assistant, { message: NUL, maxTurns: 1, silent: true });
  const { pending } = await mlflow.flush({ timeoutMs: 60_000 });
  await resetTracing();
  await server.stop();
  assert.equal(pending, 0);
  const sent = server.received.map(({ body }) => body.toString("utf8")).join("\n");
  assert.ok(!sent.includes(NUL), "NUL itself");
  // Of text that only looks like an escape nothing is changed: in JSON text its backslash is escaped.
  assert.equal(sent.match(/(?<!\\)(?:\\\\)*\\u0000/gu), null, "an escape of NUL");
  assert.match(sent, /nul\\\\u0000nul/u);
  assert.ok((sent.match(REPLACED) ?? []).length >= 25, `${(sent.match(REPLACED) ?? []).length} times`);
});
