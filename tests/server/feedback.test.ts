/** Feedback, expectations, tags and prompts of traces that have ended: in memory and on a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { temporaryFolder } from "../support/folder.js";
import { onMlflow } from "./on-mlflow.js";
import { fromServer, resetTracing, warningsDuring } from "./tracing.js";

const HUMAN = { sourceType: "HUMAN", sourceId: "ada" } as const;
const UNKNOWN = `tr-${"ab".repeat(16)}`;

function ended(name = "answer"): mlflow.LiveSpan {
  return mlflow.withSpan((span) => span, { name });
}

const hasCode =
  (code: string, message = /./) =>
  (error: unknown): boolean => {
    assert.ok(mlflow.MlflowAg2Error.is(error), String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    return true;
  };

const assessmentsOf = (trace: mlflow.Trace | null): unknown[] =>
  trace!.info.assessments.map(({ name, type, value }) => [name, type, value]);

describe("feedback in memory", () => {
  beforeEach(resetTracing);

  test("is part of the trace, and can be changed and deleted", async () => {
    const { traceId } = ended();
    const given = await mlflow.logFeedback({
      traceId,
      name: "helpful",
      value: true,
      source: HUMAN,
      rationale: "short",
    });
    await mlflow.logExpectation({ traceId, name: "answer", value: { city: "Lisbon" } });
    assert.deepEqual(given.source, HUMAN);
    assert.deepEqual(assessmentsOf(await mlflow.getTrace(traceId)), [
      ["helpful", "feedback", true],
      ["answer", "expectation", { city: "Lisbon" }],
    ]);
    const changed = await mlflow.updateFeedback({ traceId, assessmentId: given.assessmentId, value: false });
    assert.deepEqual([changed.value, changed.rationale, changed.name], [false, "short", "helpful"]);
    await mlflow.deleteFeedback({ traceId, assessmentId: given.assessmentId });
    assert.deepEqual(assessmentsOf(await mlflow.getTrace(traceId)), [["answer", "expectation", { city: "Lisbon" }]]);
    assert.deepEqual(assessmentsOf(await mlflow.getTrace(ended().traceId)), []);
  });

  test("a tag is set and deleted, and what the trace had before stays", async () => {
    const { traceId } = ended();
    await mlflow.setTraceTag(traceId, "reviewed", "yes");
    const tags = async () => (await mlflow.getTrace(traceId))!.info.tags;
    assert.deepEqual(await tags(), { "mlflow.traceName": "answer", reviewed: "yes" });
    await mlflow.deleteTraceTag(traceId, "reviewed");
    assert.deepEqual(await tags(), { "mlflow.traceName": "answer" });
  });

  test("of a trace that memory does not hold is refused, and of an id that is none at once", async () => {
    await assert.rejects(mlflow.logFeedback({ traceId: UNKNOWN, value: 1 }), hasCode("trace_unavailable"));
    for (const wrong of [
      () => mlflow.logFeedback({ traceId: "tr-1", value: 1 }),
      () => mlflow.logFeedback({ traceId: UNKNOWN }),
      () => mlflow.logFeedback({ traceId: UNKNOWN, value: 1n }),
      () => mlflow.logFeedback({ traceId: UNKNOWN, value: 1, source: { sourceType: "ROBOT" as "CODE" } }),
      () => mlflow.logFeedback({ traceId: UNKNOWN, value: 1, metadata: { times: 2 as never } }),
      () => mlflow.logFeedback({ traceId: UNKNOWN, value: 1, reason: "" } as never),
      () => mlflow.logFeedback({ traceId: UNKNOWN, value: 1, timeoutMs: 0 }),
      () => mlflow.logExpectation({ traceId: UNKNOWN, name: "answer", value: null }),
      () => mlflow.logExpectation({ traceId: UNKNOWN, name: "answer", value: [1n] }),
      () => mlflow.updateFeedback({ traceId: UNKNOWN, assessmentId: "a-1" }),
      () => mlflow.updateFeedback({ traceId: UNKNOWN, assessmentId: "", value: 1 }),
      () => mlflow.setTraceTag(UNKNOWN, "", "yes"),
    ])
      assert.throws(wrong, hasCode("invalid_argument"));
  });

  test("while tracing is disabled nothing is kept, and the promise resolves at once", async () => {
    const { traceId } = ended();
    mlflow.disable();
    await mlflow.setTraceTag(traceId, "reviewed", "yes");
    const { assessmentId } = await mlflow.logFeedback({ traceId, value: 1 });
    assert.equal(assessmentId, "");
    assert.equal((await mlflow.updateFeedback({ traceId, assessmentId: "a-1", value: 2 })).value, 2);
    mlflow.enable();
    assert.deepEqual(assessmentsOf(await mlflow.getTrace(traceId)), []);
    assert.equal((await mlflow.getTrace(traceId))!.info.tags["reviewed"], undefined);
  });
});

describe("feedback on MLflow", () => {
  const server = onMlflow();
  beforeEach(() => mlflow.setExperiment(`feedback ${randomUUID()}`));

  test("waits until its trace has arrived, and is stored with all its data", async () => {
    const span = ended();
    const given = await mlflow.logFeedback({
      traceId: span.traceId,
      spanId: span.spanId,
      name: "helpful",
      value: { score: 0.5, words: ["short", "clear"] },
      source: HUMAN,
      rationale: "as asked",
      metadata: { page: "start" },
    });
    await mlflow.logFeedback({
      traceId: span.traceId,
      error: new RangeError("no judge"),
      source: { sourceType: "LLM_JUDGE" },
    });
    await mlflow.logExpectation({ traceId: span.traceId, name: "city", value: "Lisbon" });
    await mlflow.logExpectation({ traceId: span.traceId, name: "words", value: ["a", { b: 1 }] });
    for (const trace of [await mlflow.getTrace(span.traceId), await fromServer(span.traceId)]) {
      const [helpful, failed, city, words] = trace!.info.assessments;
      assert.deepEqual(helpful, given);
      assert.match(given.assessmentId, /^a-/);
      assert.deepEqual([given.traceId, given.spanId, given.name], [span.traceId, span.spanId, "helpful"]);
      assert.deepEqual(given.value, { score: 0.5, words: ["short", "clear"] });
      assert.deepEqual([given.source, given.rationale, given.metadata], [HUMAN, "as asked", { page: "start" }]);
      assert.ok(Math.abs(Date.parse(given.createTime) - Date.now()) < 600_000, given.createTime);
      assert.deepEqual([failed!.name, failed!.error?.errorCode], ["feedback", "RangeError"]);
      assert.equal(failed!.error?.errorMessage, "no judge");
      assert.deepEqual([city!.type, city!.value, city!.source.sourceType], ["expectation", "Lisbon", "HUMAN"]);
      assert.deepEqual(words!.value, ["a", { b: 1 }]);
    }
  });

  test("is changed and deleted", async () => {
    const { traceId } = ended();
    const { assessmentId } = await mlflow.logFeedback({ traceId, name: "helpful", value: true, rationale: "short" });
    const changed = await mlflow.updateFeedback({ traceId, assessmentId, value: false, metadata: { by: "hand" } });
    assert.deepEqual([changed.value, changed.rationale, changed.metadata], [false, "short", { by: "hand" }]);
    const named = await mlflow.updateFeedback({ traceId, assessmentId, name: "useful", rationale: "long" });
    assert.deepEqual([named.name, named.value, named.rationale], ["useful", false, "long"]);
    assert.deepEqual(assessmentsOf(await fromServer(traceId)), [["useful", "feedback", false]]);
    await mlflow.deleteFeedback({ traceId, assessmentId });
    assert.deepEqual(assessmentsOf(await fromServer(traceId)), []);
    await assert.rejects(
      mlflow.updateFeedback({ traceId, assessmentId, value: true }),
      hasCode("invalid_argument", /status 404/),
    );
  });

  test("is found by a search, with spans and without", async () => {
    const { traceId } = ended();
    await mlflow.logFeedback({ traceId, name: "helpful", value: "no", source: HUMAN });
    for (const includeSpans of [true, false]) {
      const { traces } = await mlflow.searchTraces({ filterString: "feedback.helpful = 'no'", includeSpans });
      assert.deepEqual(
        traces.map(({ info }) => [info.traceId, info.assessments.map(({ value }) => value)]),
        [[traceId, ["no"]]],
      );
    }
  });

  test("tags of a trace that has ended are set and deleted", async () => {
    const { traceId } = ended();
    await mlflow.setTraceTag(traceId, "reviewed", "yes");
    assert.equal((await mlflow.getTrace(traceId))!.info.tags["reviewed"], "yes");
    assert.equal((await fromServer(traceId)).info.tags["reviewed"], "yes");
    await mlflow.deleteTraceTag(traceId, "reviewed");
    assert.equal((await fromServer(traceId)).info.tags["reviewed"], undefined);
    await assert.rejects(mlflow.deleteTraceTag(traceId, "reviewed"), hasCode("invalid_argument"));
  });

  test("a trace is found by the versions of prompts that are linked to it", async () => {
    // With its version it has at most 36 characters: PostgreSQL holds MLflow to that, SQLite does not.
    const name = `greeting-${randomUUID().slice(0, 8)}`;
    const post = async (path: string, body: object): Promise<void> => {
      const answer = await fetch(`${server.uri}/api/2.0/mlflow/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      assert.equal(answer.status, 200, await answer.text());
    };
    const isPrompt = { key: "mlflow.prompt.is_prompt", value: "true" };
    await post("registered-models/create", { name, tags: [isPrompt] });
    await post("model-versions/create", {
      name,
      source: "prompt-template",
      tags: [isPrompt, { key: "mlflow.prompt.text", value: "Hello" }],
    });
    const { traceId } = ended();
    await mlflow.linkPromptVersionsToTrace([{ name, version: 1 }], traceId);
    const { traces } = await mlflow.searchTraces({ filterString: `prompt = '${name}/1'`, includeSpans: false });
    assert.deepEqual(
      traces.map(({ info }) => info.traceId),
      [traceId],
    );
  });

  test("is sent again while the server cannot take it, and given up with the reason after that", async () => {
    const { traceId } = ended();
    await mlflow.flush();
    let failures = 0;
    let failing = 2;
    mlflow.init({
      fetch: async (url, init) => {
        if (!String(url).endsWith("/assessments") || failing <= 0) return fetch(url, init);
        failing -= 1;
        failures += 1;
        if (failures === 1) throw new TypeError("no connection");
        return new Response('{"message":"busy"}', { status: 503 });
      },
    });
    await mlflow.logFeedback({ traceId, value: 1 });
    assert.equal(failures, 2);
    failing = Number.POSITIVE_INFINITY;
    const failedBefore = mlflow.stats().changesFailed;
    const warnings = await warningsDuring(async () => {
      await assert.rejects(
        mlflow.logFeedback({ traceId, value: 2, timeoutMs: 300 }),
        hasCode("trace_unavailable", /status 503: busy/),
      );
    });
    assert.match(warnings.join("\n"), /\[trace_not_changed\]/);
    assert.deepEqual([mlflow.stats().changesFailed - failedBefore, mlflow.stats().changesWaiting], [1, 0]);
    assert.deepEqual(assessmentsOf(await fromServer(traceId)), [["feedback", "feedback", 1]]);
  });

  test("is stored once although responses to it are lost", async () => {
    const { traceId } = ended();
    await mlflow.flush();
    let lost = 0;
    mlflow.init({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (!String(url).endsWith("/assessments") || lost > 1) return response;
        lost += 1;
        throw new TypeError("the connection is lost");
      },
    });
    const given = await mlflow.logFeedback({ traceId, name: "helpful", value: { score: 1 }, rationale: "short" });
    assert.equal(lost, 2);
    const { assessments } = (await fromServer(traceId)).info;
    assert.deepEqual(
      assessments.map(({ assessmentId, value, rationale }) => [assessmentId, value, rationale]),
      [[given.assessmentId, { score: 1 }, "short"]],
    );
    assert.deepEqual([given.value, given.rationale], [{ score: 1 }, "short"]);
  });

  test("changes of one trace are made in the order of their calls", async () => {
    const { traceId } = ended();
    await mlflow.flush();
    let failing = 1;
    mlflow.init({
      fetch: async (url, init) => {
        if (!String(url).endsWith("/tags") || (failing -= 1) < 0) return fetch(url, init);
        return new Response('{"message":"busy"}', { status: 503 });
      },
    });
    const changes = ["1", "2", "3"].map((value) => mlflow.setTraceTag(traceId, "turn", value));
    await Promise.all([...changes, mlflow.deleteTraceTag(traceId, "turn"), mlflow.setTraceTag(traceId, "turn", "4")]);
    assert.equal((await fromServer(traceId)).info.tags["turn"], "4");
    failing = Number.POSITIVE_INFINITY;
    const first = mlflow.setTraceTag(traceId, "turn", "5", { timeoutMs: 5_000 });
    const second = mlflow.setTraceTag(traceId, "turn", "6", { timeoutMs: 300 });
    await assert.rejects(second, hasCode("trace_unavailable", /an earlier change/));
    failing = 0;
    await first;
    assert.equal((await fromServer(traceId)).info.tags["turn"], "5");
  });

  test("that is not taken in time, or not without a new token, is sent later all the same if it is persisted", async () => {
    const { traceId } = ended();
    await mlflow.flush();
    const folder = temporaryFolder("kept");
    mlflow.init({ persist: { folder } });
    for (const [status, code] of [
      [503, "trace_unavailable"],
      [401, "unauthorized"],
    ] as const) {
      let isFailing = true;
      mlflow.init({
        fetch: async (url, init) =>
          String(url).endsWith("/assessments") && isFailing ? new Response("{}", { status }) : fetch(url, init),
      });
      const failedBefore = mlflow.stats().changesFailed;
      await assert.rejects(
        mlflow.logFeedback({ traceId, name: code, value: status, timeoutMs: 600 }),
        hasCode(code, /persist.*later/),
      );
      assert.deepEqual([mlflow.stats().changesFailed - failedBefore, mlflow.stats().changesWaiting], [0, 1]);
      while (!readdirSync(folder).some((name) => name.startsWith("p1.")))
        await new Promise((resolve) => setTimeout(resolve, 5));
      isFailing = false;
      while (mlflow.stats().changesWaiting > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      while (readdirSync(folder).some((name) => name.startsWith("p1.")))
        await new Promise((resolve) => setTimeout(resolve, 5));
    }
    mlflow.init({ persist: false });
    assert.deepEqual(assessmentsOf(await fromServer(traceId)), [
      ["trace_unavailable", "feedback", 503],
      ["unauthorized", "feedback", 401],
    ]);
  });

  test("goes to the server and with the credentials that were set when it was given", async () => {
    const { traceId } = ended();
    await mlflow.flush();
    const sent: (string | null)[] = [];
    let isFailing = true;
    mlflow.init({
      token: "first",
      fetch: async (url, init) => {
        if (!String(url).endsWith("/assessments")) return fetch(url, init);
        sent.push(new Headers(init.headers).get("authorization"));
        return isFailing ? new Response("", { status: 503 }) : fetch(url, init);
      },
    });
    const given = mlflow.logFeedback({ traceId, value: 1 });
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    mlflow.init({ trackingUri: "http://127.0.0.1:9", token: "second" });
    isFailing = false;
    await given;
    assert.deepEqual(new Set(sent), new Set(["Bearer first"]));
  });

  test("of a trace that does not arrive is given up, and so is a tag of one", async () => {
    await assert.rejects(
      mlflow.logFeedback({ traceId: UNKNOWN, value: 1, timeoutMs: 300 }),
      hasCode("trace_unavailable", /status 404/),
    );
    await assert.rejects(mlflow.setTraceTag(UNKNOWN, "a", "b", { timeoutMs: 300 }), hasCode("trace_unavailable"));
  });

  test("is refused by an endpoint that takes spans alone", async () => {
    mlflow.init({ otlpEndpoint: `${server.uri}/v1/traces` });
    await assert.rejects(mlflow.logFeedback({ traceId: UNKNOWN, value: 1 }), hasCode("trace_unavailable", /OTLP/));
  });
});
