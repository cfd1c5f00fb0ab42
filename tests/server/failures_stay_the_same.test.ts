/** A failure in a chat is the same with tracing, and the span that failed has the status ERROR. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { shortChat, toolChat } from "./chats.js";
import { lastTrace, outline, resetTracing, spanOfType } from "./tracing.js";

/** The value that `action` throws. */
async function thrownBy(action: () => Promise<unknown>): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  return assert.fail("nothing was thrown");
}

function assertException(span: mlflow.Span, type: string, message: string): void {
  assert.equal(span.status.code, "ERROR");
  assert.ok(span.status.description.includes(message), `the status is \`${span.status.description}\``);
  const event = span.events.find(({ name }) => name === "exception");
  assert.ok(event, "there is no exception event");
  assert.equal(event.attributes["exception.type"], type);
  assert.equal(event.attributes["exception.message"], message);
  assert.equal(typeof event.attributes["exception.stacktrace"], "string");
}

describe("failures", () => {
  beforeEach(resetTracing);
  afterEach(resetTracing);

  test("a model that fails: the very same error reaches the caller with and without tracing", async () => {
    const problem = new TypeError("the model is on strike");
    const untraced = await thrownBy(() => shortChat(problem));
    mlflow.autolog();
    const traced = await thrownBy(() => shortChat(problem));
    assert.equal(untraced, problem);
    assert.equal(traced, problem);
  });

  test("a model that fails: its span, its turn, the root and the trace are errors", async () => {
    mlflow.autolog();
    await thrownBy(() => shortChat(new TypeError("the model is on strike")));
    const trace = await lastTrace();
    assert.equal(trace.info.state, "ERROR");
    assert.deepEqual(outline(trace), [
      "CHAIN initiate_chat ERROR",
      "  AGENT assistant ERROR",
      "    LLM chat_completion ERROR",
    ]);
    assertException(spanOfType(trace, "LLM"), "TypeError", "the model is on strike");
    assertException(spanOfType(trace, "CHAIN"), "TypeError", "the model is on strike");
  });

  test("a tool that throws: the chat continues as without tracing, the tool's span is an error", async () => {
    const probe = (): never => {
      throw new RangeError("no such thing");
    };
    const untraced = await toolChat(probe);
    mlflow.autolog();
    const traced = await toolChat(probe);
    assert.deepEqual(traced.chatHistory, untraced.chatHistory);
    const trace = await lastTrace();
    assertException(spanOfType(trace, "TOOL"), "RangeError", "no such thing");
    assert.equal(trace.info.state, "OK", "the chat itself did not fail");
  });

  test("a tool that rejects later: its span is an error and lasts until then", async () => {
    mlflow.autolog();
    await toolChat(async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      throw new Error("too late");
    });
    const span = spanOfType(await lastTrace(), "TOOL");
    assertException(span, "Error", "too late");
    assert.ok((span.endTimeNs ?? 0n) - span.startTimeNs >= 25_000_000n, "the span ends before the tool");
  });

  for (const [what, thrown] of Object.entries<unknown>({
    "a text": "just text",
    undefined: undefined,
    "an object": { reason: 7 },
    null: null,
  })) {
    test(`a tool that throws ${what} is an error too`, async () => {
      const probe = (): never => {
        throw thrown;
      };
      const untraced = await toolChat(probe);
      mlflow.autolog();
      assert.deepEqual((await toolChat(probe)).chatHistory, untraced.chatHistory);
      assert.equal(spanOfType(await lastTrace(), "TOOL").status.code, "ERROR");
    });
  }

  test("after a failed chat the next one has a trace of its own", async () => {
    mlflow.autolog();
    await thrownBy(() => shortChat(new Error("once")));
    const failedId = mlflow.getLastActiveTraceId();
    await shortChat();
    const trace = await lastTrace();
    assert.notEqual(trace.info.traceId, failedId);
    assert.deepEqual(outline(trace), ["CHAIN initiate_chat OK", "  AGENT assistant OK", "    LLM chat_completion OK"]);
    assert.equal(mlflow.stats().open, 0);
  });
});
