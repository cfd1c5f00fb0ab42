/** Who the program is to the server, and what else every request carries. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type Answer, type Received, type RecordingServer, startRecordingServer } from "../support/recording-server.js";
import { shortChat } from "./chats.js";
import { flushUntilRetry, NO_REQUEST_OPTIONS, resetTracing } from "./tracing.js";

const UNKNOWN_TRACE = `tr-${"1".repeat(32)}`;

describe("the headers of a request", () => {
  let server: RecordingServer;
  let answer: (request: Received) => Answer | undefined = () => undefined;

  beforeEach(async () => {
    await resetTracing();
    answer = () => undefined;
    server = await startRecordingServer((request) => answer(request));
    mlflow.autolog({ silent: true });
  });
  afterEach(async () => {
    await resetTracing();
    await server.stop();
  });

  /** Makes one request of every kind: for the experiment, with spans, for a trace to read. */
  async function requestsWith(options: mlflow.InitOptions): Promise<Received[]> {
    mlflow.init({ trackingUri: server.uri, ...options });
    await mlflow.setExperiment("an experiment");
    await shortChat();
    await mlflow.flush();
    await mlflow.getTrace(UNKNOWN_TRACE);
    assert.deepEqual([...new Set(server.received.map(({ path }) => path.split(/[?/]/)[1]))], ["api", "v1"]);
    // The first of them finds out whether the server has workspaces.
    return server.received.filter(({ path }) => options.workspace == null || !path.endsWith("/server-info"));
  }

  const GIVEN: Record<string, { options: mlflow.InitOptions; header: string; value: string }> = {
    "a token": { options: { token: "abc.def" }, header: "authorization", value: "Bearer abc.def" },
    "a name and a password": {
      options: { username: "jörg", password: "pass:wörd" },
      header: "authorization",
      value: `Basic ${Buffer.from("jörg:pass:wörd").toString("base64")}`,
    },
    "a token by the name of MLflow's TypeScript SDK": {
      options: { trackingServerToken: "abc.def" },
      header: "authorization",
      value: "Bearer abc.def",
    },
    "a name and a password by the names of MLflow's TypeScript SDK": {
      options: { trackingServerUsername: "ada", trackingServerPassword: "pass" },
      header: "authorization",
      value: `Basic ${Buffer.from("ada:pass").toString("base64")}`,
    },
    "headers as an object": { options: { headers: { "X-Api-Key": "key one" } }, header: "x-api-key", value: "key one" },
    "headers as `Headers`": {
      options: { headers: new Headers({ "X-Api-Key": "key two" }) },
      header: "x-api-key",
      value: "key two",
    },
    "headers over a token": {
      options: { token: "abc", headers: { Authorization: "Custom abc" } },
      header: "authorization",
      value: "Custom abc",
    },
    "a workspace": { options: { workspace: " team-a " }, header: "x-mlflow-workspace", value: "team-a" },
  };
  for (const [what, { options, header, value }] of Object.entries(GIVEN)) {
    test(`${what}: every request carries it, those of getTrace and setExperiment too`, async () => {
      for (const { headers } of await requestsWith(options)) assert.equal(headers[header], value);
    });
  }

  test("null resets an option", async () => {
    mlflow.init({ token: "abc", headers: { "X-Api-Key": "key" }, workspace: "team-a" });
    for (const { headers } of await requestsWith({ token: null, headers: null, workspace: null })) {
      assert.deepEqual(
        [headers["authorization"], headers["x-api-key"], headers["x-mlflow-workspace"]],
        [undefined, undefined, undefined],
      );
    }
  });

  test("a function is called for each request, and may wait for a new token", async () => {
    let tokens = 0;
    const received = await requestsWith({ headers: async () => ({ Authorization: `Bearer ${++tokens}` }) });
    assert.deepEqual(
      received.map(({ headers }) => headers["authorization"]),
      received.map((_, index) => `Bearer ${index + 1}`),
    );
  });

  const FAILING: Record<string, () => mlflow.HeaderLines | Promise<mlflow.HeaderLines>> = {
    throws: () => {
      throw new RangeError("the secret is geheim");
    },
    rejects: async () => Promise.reject(new RangeError("the secret is geheim")),
    hangs: () => new Promise(() => undefined),
    "gives no headers": () => "nonsense" as never,
    "gives a header with a line break": () => ({ Authorization: "geheim\n" }),
  };
  for (const [what, headers] of Object.entries(FAILING)) {
    test(`a function that ${what} counts as a failed request, and delivery continues once it works`, async () => {
      let isBroken = true;
      mlflow.init({ trackingUri: server.uri, timeoutMs: 100, headers: () => (isBroken ? headers() : {}) });
      await shortChat();
      const { pending } = await flushUntilRetry();
      assert.ok(pending > 0);
      assert.deepEqual(server.received, []);
      const { lastError } = mlflow.stats();
      assert.ok(lastError);
      assert.ok(!lastError.message.includes("geheim"), lastError.message);
      isBroken = false;
      mlflow.init({ timeoutMs: 10_000 });
      assert.equal((await mlflow.flush({ timeoutMs: 120_000 })).pending, 0);
    });
  }

  test("spans that were refused without a token are delivered when init sets one", async () => {
    answer = ({ headers }) => (headers["authorization"] === undefined ? { status: 401, body: "" } : undefined);
    mlflow.init({ trackingUri: server.uri });
    await shortChat();
    assert.ok((await flushUntilRetry()).pending > 0);
    mlflow.init({ token: "abc" });
    assert.equal((await mlflow.flush()).pending, 0);
  });

  const WRONG: Record<string, mlflow.InitOptions> = {
    "a token with a line break": { token: "geheim\n" },
    "an empty token": { token: "" },
    "a token and a password": { token: "geheim", username: "a", password: "geheim" },
    "a name without a password": { username: "geheim" },
    "a name with a colon": { username: "a:b", password: "geheim" },
    "headers that are text": { headers: "geheim" as never },
    "a header's name with a blank": { headers: { "X Key": "geheim" } },
    "a header with a line break": { headers: { "X-Key": "geheim\r\nX-Other: 1" } },
    "a header beyond Latin-1": { headers: { "X-Key": "geheim…" } },
    "a header that is no text": { headers: { "X-Key": undefined as never } },
    "a header of our own": { headers: { "Content-Type": "geheim" } },
    "an unknown mode of credentials": { credentials: "sometimes" as never },
    "a workspace with a line break": { workspace: "a\nb" },
    "a time limit of nothing": { timeoutMs: 0 },
    "a compression of -1": { compression: -1 },
    "a fetch that is no function": { fetch: {} as never },
  };
  for (const [what, options] of Object.entries(WRONG)) {
    test(`${what} is rejected at once, with a fix, without its value, and nothing is changed`, async () => {
      mlflow.init({ trackingUri: server.uri, token: "before" });
      assert.throws(
        () => mlflow.init({ ...options, trackingUri: "http://127.0.0.1:9" }),
        (error) =>
          mlflow.MlflowAg2Error.is(error) && error.code === "invalid_argument" && !error.message.includes("geheim"),
      );
      assert.equal(mlflow.getTrackingUri(), server.uri);
      for (const { headers } of await requestsWith({})) assert.equal(headers["authorization"], "Bearer before");
    });
  }

  test("a secret that a server or a fetch repeats is shown nowhere", async () => {
    const secrets = { token: "geheim-token", headers: { "X-Api-Key": "geheim-key" } };
    const output: string[] = [];
    const { warn } = console;
    console.warn = (...parts: unknown[]) => void output.push(parts.join(" "));
    mlflow.autolog({ silent: false });
    try {
      answer = ({ headers }) => ({
        status: 401,
        body: JSON.stringify({ message: `unknown: ${headers["authorization"]}, ${String(headers["x-api-key"])}` }),
      });
      mlflow.init({ trackingUri: server.uri, ...secrets });
      await shortChat();
      await flushUntilRetry();
      output.push(JSON.stringify(mlflow.stats()));
      const failing: mlflow.Fetch = (_, { headers }) =>
        Promise.reject(new Error(`cannot send ${JSON.stringify(headers)}`));
      mlflow.init({ fetch: failing });
      await flushUntilRetry();
      output.push(JSON.stringify(mlflow.stats()));
      await mlflow
        .getTrace(UNKNOWN_TRACE)
        .catch((error: Error) => output.push(`${error.stack} ${String((error.cause as Error).stack)}`));
    } finally {
      console.warn = warn;
      mlflow.init({ ...NO_REQUEST_OPTIONS });
    }
    assert.ok(output.length >= 4 && output.join().includes("***"), output.join("\n"));
    assert.ok(!output.join().includes("geheim"), output.join("\n"));
    assert.ok(server.exports().every(({ body }) => !body.includes("geheim")));
  });
});
