/** A search without an experiment waits until the server has named the one that is set, but not for its recovery. */

import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { enable, init, searchTraces, setExperiment, shutdown, withSpan } from "mlflow-ag2";

/** Answers every request, and notes their paths. */
function serve(answer: (path: string) => Response): string[] {
  const paths: string[] = [];
  const fetch = async (address: string | URL | Request): Promise<Response> => {
    const path = new URL(address instanceof Request ? address.url : address).pathname.replace(/^.*\/mlflow\//, "");
    paths.push(path);
    return answer(path);
  };
  init({ trackingUri: "http://mlflow.test", fetch });
  return paths;
}

const LOOK_UP = "experiments/search";
const experiment = (): Response =>
  Response.json({ experiments: [{ experiment_id: "7", name: "AG2", lifecycle_stage: "active" }] });

describe("a search in the experiment that is set", { timeout: 120_000 }, () => {
  afterEach(async () => {
    await shutdown({ timeoutMs: 0 });
    enable();
    init({ trackingUri: "memory:", fetch: null });
  });

  for (const status of [408, 429, 500, 502, 503, 504]) {
    test(`fails by the first answer that is a failure: ${status}`, async () => {
      const paths = serve(() => Response.json({ message: "later" }, { status }));
      setExperiment("AG2").catch(() => {});
      withSpan(() => 1, { name: "work" });
      await assert.rejects(searchTraces(), (error: Error & { code?: string }) => {
        assert.equal(error.code, "trace_unavailable");
        assert.match(error.message, /has not named the experiment yet/);
        assert.match((error.cause as Error).message, new RegExp(`status ${status}`));
        return true;
      });
      assert.deepEqual(
        paths.filter((path) => path === LOOK_UP),
        [LOOK_UP],
      );
    });
  }

  test("looks it up again after a failure", async () => {
    let isBusy = true;
    serve((path) => {
      if (path === LOOK_UP) return isBusy ? new Response(null, { status: 503 }) : experiment();
      return Response.json({ traces: [] });
    });
    setExperiment("AG2").catch(() => {});
    await assert.rejects(searchTraces(), { code: "trace_unavailable" });
    isBusy = false;
    assert.deepEqual(await searchTraces(), { traces: [], nextPageToken: undefined });
  });

  test("waits for an experiment that is created, but not for spans that the server does not take", async () => {
    const paths = serve((path) => {
      if (path === LOOK_UP) return Response.json({});
      if (path === "experiments/create") return Response.json({ experiment_id: "8" });
      return path === "traces/search" ? Response.json({ traces: [] }) : new Response(null, { status: 503 });
    });
    void setExperiment("new");
    withSpan(() => 1, { name: "work" });
    assert.deepEqual(await searchTraces(), { traces: [], nextPageToken: undefined });
    assert.ok(paths.includes("experiments/create"));
  });
});
