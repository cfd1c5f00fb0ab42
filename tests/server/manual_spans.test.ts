/** Manual spans on a real MLflow server: with agents inside and around, and across programs. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { runOrThrow } from "../support/child.js";
import { projectRoot, python, supportFolder } from "../support/project.js";
import { resultIn } from "../support/result.js";
import { agents, GOODBYE, modelSaying, shortChat, toolChat } from "./chats.js";
import { onMlflow } from "./on-mlflow.js";
import { fromServer, lastTrace, outline } from "./tracing.js";

interface StoredInfo {
  trace_id: string;
  client_request_id?: string;
  request_preview?: string;
  response_preview?: string;
  state: string;
  tags: Record<string, string>;
  trace_metadata: Record<string, string>;
}

const SHORT = ["CHAIN initiate_chat OK", "  AGENT assistant OK", "    LLM chat_completion OK"];

describe("manual spans", () => {
  const server = onMlflow();
  let experimentId: string;
  beforeEach(async () => {
    ({ experimentId } = await mlflow.setExperiment(`by hand ${randomUUID()}`));
  });

  async function stored(traceId: string): Promise<StoredInfo> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/${traceId}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return ((await answer.json()) as { trace: { trace_info: StoredInfo } }).trace.trace_info;
  }

  async function search(filter: string): Promise<string[]> {
    const answer = await fetch(`${server.uri}/api/3.0/mlflow/traces/search`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        locations: [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experimentId } }],
        filter,
        max_results: 10,
      }),
    });
    const { traces = [] } = (await answer.json()) as { traces?: { trace_id: string }[] };
    return traces.map(({ trace_id }) => trace_id);
  }

  test("a span arrives with all its data", async () => {
    const span = mlflow.startSpan({
      name: "look up",
      spanType: "RETRIEVER",
      inputs: { city: "Oslo" },
      attributes: { limit: 3, tuning: { k: 0.5 } },
    });
    span.addEvent({ name: "asked", attributes: { times: 2 } });
    span.recordException(new RangeError("too far"));
    const child = mlflow.startSpan({ name: "later a tool", parent: span, inputs: "plain text" });
    child.setSpanType("TOOL");
    child.end({ outputs: [1, 2] });
    span.end({ outputs: "rain", status: "ERROR" });
    await mlflow.flush();

    const trace = await fromServer(span.traceId);
    assert.deepEqual(outline(trace), ["RETRIEVER look up ERROR", "  TOOL later a tool OK"]);
    const [root, inner] = trace.data.spans;
    assert.deepEqual(
      [root!.inputs, root!.outputs, inner!.inputs, inner!.outputs],
      [{ city: "Oslo" }, "rain", "plain text", [1, 2]],
    );
    assert.deepEqual([root!.getAttribute("limit"), root!.getAttribute("tuning")], [3, { k: 0.5 }]);
    assert.deepEqual(
      root!.events.map(({ name }) => name),
      ["asked", "exception"],
    );
    assert.equal(root!.events[0]!.attributes["times"], 2);
    assert.equal(root!.events[1]!.attributes["exception.type"], "RangeError");
    // The columns that MLflow filters and counts by, not only what it shows.
    assert.deepEqual(await search('span.type = "TOOL"'), [span.traceId]);
    assert.deepEqual(await search('span.name = "look up"'), [span.traceId]);
  });

  test("a session and a user reach MLflow's session view, for chats too", async () => {
    mlflow.autolog();
    const session = `session ${randomUUID()}`;
    const ids: string[] = [];
    for (const question of ["first", "second"]) {
      await mlflow.withSpan(
        async (span) => {
          ids.push(span.traceId);
          mlflow.updateCurrentTrace({ sessionId: session, userId: "ada" });
          await shortChat();
        },
        { name: question },
      );
    }
    await toolChat((_args, context) => {
      mlflow.updateCurrentTrace({ metadata: { "mlflow.trace.session": session, "mlflow.trace.user": "ada" } }, context);
      return "noted";
    });
    ids.push((await lastTrace()).info.traceId);
    await mlflow.flush();
    for (const id of ids) {
      const { trace_metadata: metadata } = await stored(id);
      assert.deepEqual([metadata["mlflow.trace.session"], metadata["mlflow.trace.user"]], [session, "ada"]);
    }
    assert.deepEqual((await search(`metadata.\`mlflow.trace.session\` = "${session}"`)).sort(), ids.sort());
  });

  test("tags, metadata, previews and the client's request id are on the server", async () => {
    const span = mlflow.withSpan(
      (own) => {
        mlflow.updateCurrentTrace({
          tags: { release: "1.4" },
          metadata: { "mlflow.source.git.commit": "1234567890" },
          clientRequestId: "request-7",
          requestPreview: "asked",
          responsePreview: "answered",
        });
        return own;
      },
      { name: "all of it", inputs: { question: "?" } },
    );
    await mlflow.flush();
    const info = await stored(span.traceId);
    assert.equal(info.state, "OK");
    assert.equal(info.tags["release"], "1.4");
    assert.equal(info.tags["mlflow.traceName"], "all of it");
    assert.equal(info.trace_metadata["mlflow.source.git.commit"], "1234567890");
    assert.deepEqual(
      [info.client_request_id, info.request_preview, info.response_preview],
      ["request-7", "asked", "answered"],
    );
    assert.equal((await fromServer(span.traceId)).data.spans.length, 1);
  });

  test("a chat inside a span is part of its trace, with the tokens counted for the whole", async () => {
    mlflow.autolog();
    const span = await mlflow.withSpan(
      async (own) => {
        await shortChat();
        await shortChat();
        return own;
      },
      { name: "two questions", spanType: "CHAIN" },
    );
    await mlflow.flush();
    const trace = await fromServer(span.traceId);
    assert.deepEqual(outline(trace), [
      "CHAIN two questions OK",
      ...SHORT.map((line) => `  ${line}`),
      ...SHORT.map((line) => `  ${line}`),
    ]);
    assert.deepEqual(trace.info.tokenUsage, { input_tokens: 20, output_tokens: 10, total_tokens: 30 });
  });

  test("spans and chats in a tool nest into each other, without a context", async () => {
    mlflow.autolog();
    await toolChat(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await mlflow.withSpan(
        async () => {
          const { assistant, user } = agents(modelSaying(GOODBYE), { assistant: "inner", user: "inner-user" });
          await user.initiateChat(assistant, { message: "Inside.", silent: true });
          mlflow.getCurrentActiveSpan()?.setAttribute("rounds", 1);
        },
        { name: "ask around" },
      );
      mlflow.getCurrentActiveSpan()?.setAttribute("asked", true);
      return "ok";
    });
    const { traceId } = (await lastTrace()).info;
    await mlflow.flush();
    const trace = await fromServer(traceId);
    assert.deepEqual(outline(trace).slice(3, 9), [
      "  AGENT user OK",
      "    TOOL probe OK",
      "      UNKNOWN ask around OK",
      "        CHAIN initiate_chat OK",
      "          AGENT inner OK",
      "            LLM chat_completion OK",
    ]);
    const spanCalled = (name: string): mlflow.Span | undefined => trace.data.spans.find((span) => span.name === name);
    assert.equal(spanCalled("ask around")?.getAttribute("rounds"), 1);
    assert.equal(spanCalled("probe")?.getAttribute("asked"), true);
  });

  test("another program continues the trace of the header it is sent", async () => {
    const program = fileURLToPath(new URL("programs/continue_trace.js", import.meta.url));
    const span = mlflow.startSpan({ name: "page" });
    const { traceparent } = mlflow.getTracingContextHeadersForHttpRequest(span);
    const printed = await runOrThrow(process.execPath, [program, server.uri, traceparent!], { cwd: projectRoot });
    const backend = resultIn(printed) as { traceId: string; spanId: string; parentId: string };
    span.end();
    await mlflow.flush();
    assert.deepEqual([backend.traceId, backend.parentId], [span.traceId, span.spanId]);
    const trace = await fromServer(span.traceId);
    assert.deepEqual(outline(trace), [
      "UNKNOWN page OK",
      "  UNKNOWN backend OK",
      ...SHORT.map((line) => `    ${line}`),
    ]);
    assert.equal(trace.info.state, "OK");
  });

  test("Python's MLflow continues our traces, and we continue its", async () => {
    const ours = mlflow.startSpan({ name: "in JavaScript" });
    const { traceparent } = mlflow.getTracingContextHeadersForHttpRequest(ours);
    const program = join(supportFolder, "continue_trace.py");
    const printed = await runOrThrow(python(), [program, server.uri, traceparent!], {
      cwd: supportFolder,
      environment: { MLFLOW_EXPERIMENT_ID: experimentId, MLFLOW_ENABLE_ASYNC_TRACE_LOGGING: "false" },
    });
    ours.end();
    const theirs = mlflow.withTracingContextFromHeaders(resultIn(printed) as Record<string, string>, () =>
      mlflow.withSpan((span) => span, { name: "below Python" }),
    );
    await mlflow.flush();
    assert.deepEqual(outline(await fromServer(ours.traceId)), ["UNKNOWN in JavaScript OK", "  UNKNOWN in Python OK"]);
    assert.deepEqual(outline(await fromServer(theirs.traceId)), [
      "UNKNOWN begun in Python OK",
      "  UNKNOWN below Python OK",
    ]);
  });
});
