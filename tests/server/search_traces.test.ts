/** `searchTraces`, and the state that a program gives its trace: in memory and on a real MLflow server. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { startRecordingServer } from "../support/recording-server.js";
import { shortChat } from "./chats.js";
import { onMlflow } from "./on-mlflow.js";
import { outline, resetTracing } from "./tracing.js";

function leaveTrace(name: string, update: mlflow.TraceUpdate = {}, options: mlflow.WithSpanOptions = {}): string {
  return mlflow.withSpan(
    (span) => {
      mlflow.updateCurrentTrace(update);
      return span.traceId;
    },
    { ...options, name },
  );
}

const namesOf = ({ traces }: mlflow.TracePage): (string | undefined)[] =>
  traces.map(({ info }) => info.tags["mlflow.traceName"]);
const code = (error: unknown): string => (mlflow.MlflowAg2Error.is(error) ? error.code : String(error));

describe("traces in memory", () => {
  beforeEach(resetTracing);

  test("are found newest first, page by page", async () => {
    for (const name of ["one", "two", "three"]) leaveTrace(name);
    const first = await mlflow.searchTraces({ maxResults: 2 });
    assert.deepEqual(namesOf(first), ["three", "two"]);
    leaveTrace("four");
    // What has ended meanwhile moves nothing.
    const second = await mlflow.searchTraces({ maxResults: 1, pageToken: first.nextPageToken });
    assert.deepEqual(namesOf(second), ["one"]);
    assert.equal(first.traces[0]!.data.spans.length, 1);
  });

  test("come without spans where those are not wanted", async () => {
    leaveTrace("one");
    const { traces } = await mlflow.searchTraces({ maxResults: 1, includeSpans: false });
    assert.deepEqual([traces[0]!.info.tags["mlflow.traceName"], traces[0]!.data.spans.length], ["one", 0]);
  });

  test("are not filtered, with a warning", async () => {
    await assert.rejects(
      mlflow.searchTraces({ filterString: "trace.status = 'OK'" }),
      (error) => code(error) === "invalid_argument",
    );
    await assert.rejects(mlflow.searchTraces({ maxResults: 0 }), (error) => code(error) === "invalid_argument");
  });

  test("have the state that the program set, with any status of the root", async () => {
    const id = leaveTrace("caught", { state: "ERROR" });
    assert.equal((await mlflow.getTrace(id))?.info.state, "ERROR");
    assert.throws(
      () => leaveTrace("odd", { state: "BROKEN" as "OK" }),
      (error) => code(error) === "invalid_argument",
    );
  });
});

describe("traces on a server", () => {
  onMlflow();

  test("are found in the experiment that is set, with their spans, and page by page", async () => {
    // Not awaited: the search waits for it.
    void mlflow.setExperiment(`search ${randomUUID()}`);
    mlflow.autolog();
    await shortChat();
    // The server orders by whole milliseconds.
    const ago = (minutes: number): mlflow.WithSpanOptions => ({ startTimeNs: (Date.now() - minutes * 60_000) * 1e6 });
    leaveTrace("earlier", {}, ago(1));
    leaveTrace("earliest", {}, ago(2));
    await mlflow.flush();
    const first = await mlflow.searchTraces({ maxResults: 2 });
    assert.deepEqual(namesOf(first), ["initiate_chat", "earlier"]);
    assert.deepEqual(outline(first.traces[0]!), [
      "CHAIN initiate_chat OK",
      "  AGENT assistant OK",
      "    LLM chat_completion OK",
    ]);
    const second = await mlflow.searchTraces({ maxResults: 2, pageToken: first.nextPageToken });
    assert.deepEqual([namesOf(second), second.nextPageToken], [["earliest"], undefined]);
  });

  test("are found by filter, order and the names of experiments, also by another program", async () => {
    const name = `search ${randomUUID()}`;
    const { experimentId } = await mlflow.setExperiment(name);
    // The server orders by whole milliseconds.
    leaveTrace("good", { tags: { release: "1" } }, { startTimeNs: (Date.now() - 60_000) * 1e6 });
    leaveTrace("bad", { tags: { release: "2" }, state: "ERROR" });
    await mlflow.flush();
    await mlflow.setExperiment(`elsewhere ${randomUUID()}`);
    const find = async (options: mlflow.SearchTracesOptions): Promise<unknown> =>
      namesOf(await mlflow.searchTraces({ includeSpans: false, ...options }));
    assert.deepEqual(await find({}), []);
    assert.deepEqual(await find({ experimentNames: [name, "no such experiment"] }), ["bad", "good"]);
    assert.deepEqual(await find({ experimentIds: [experimentId], orderBy: ["timestamp_ms ASC"] }), ["good", "bad"]);
    assert.deepEqual(await find({ experimentIds: [experimentId], filterString: "tag.release = '1'" }), ["good"]);
    // The state that the program gave is the server's: it filters by it.
    assert.deepEqual(await find({ experimentIds: [experimentId], filterString: "trace.status = 'ERROR'" }), ["bad"]);
  });

  test("are found by names of experiments with quotes, backslashes and marks of patterns", async () => {
    for (const odd of ["it's", 'so "called"', "both ' and \"", "a\\b\\", "100%_", " blank "]) {
      const name = `${odd}${randomUUID()}${odd}`.trim();
      await mlflow.setExperiment(name);
      leaveTrace("odd", {});
      await mlflow.flush();
      await mlflow.setExperiment(`elsewhere ${randomUUID()}`);
      assert.deepEqual(namesOf(await mlflow.searchTraces({ experimentNames: [name] })), ["odd"], name);
      assert.deepEqual(namesOf(await mlflow.searchTraces({ experimentNames: [name.toUpperCase()] })), [], name);
    }
  });

  test("are found by a filter whose errors the server explains", async () => {
    await assert.rejects(
      mlflow.searchTraces({ experimentIds: ["0"], filterString: "colour = blue" }),
      (error) => code(error) === "invalid_argument" && /colour|filter/i.test(String(error)),
    );
  });

  test("cannot be searched without a server", async () => {
    const recording = await startRecordingServer(() => ({ status: 503, body: "{}" }));
    try {
      mlflow.setTrackingUri(recording.uri);
      await assert.rejects(
        mlflow.searchTraces({ experimentIds: ["0"] }),
        (error) => code(error) === "trace_unavailable",
      );
    } finally {
      await recording.stop();
    }
  });
});
