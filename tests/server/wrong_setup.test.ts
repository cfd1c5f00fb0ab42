/** Setup mistakes: reported at once where possible, and never a failure of the chat. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import * as mlflow from "mlflow-ag2";
import { shortChat } from "./chats.js";
import { lastTrace, resetTracing } from "./tracing.js";

describe("a wrong setup", () => {
  beforeEach(resetTracing);
  afterEach(resetTracing);

  for (const uri of [
    "",
    "localhost:5000",
    "ftp://localhost",
    "http://",
    "sqlite:///mlflow.db",
    "databricks",
    "not a uri",
    "http://localhost:4318/v1/traces",
  ]) {
    test(`the tracking URI \`${uri}\` is rejected with a fix, and the previous one stays`, async () => {
      mlflow.setTrackingUri("http://127.0.0.1:9/before");
      assert.throws(
        () => mlflow.setTrackingUri(uri),
        (error) => {
          assert.ok(mlflow.MlflowAg2Error.is(error));
          assert.equal(error.code, "invalid_tracking_uri");
          assert.match(error.message, /http/, "it names no fix");
          if (uri !== "")
            assert.ok(error.message.includes(`\`${uri}\``), `it does not show the input: ${error.message}`);
          return true;
        },
      );
      assert.equal(mlflow.getTrackingUri(), "http://127.0.0.1:9/before");
    });
  }

  for (const limit of [
    { maxBufferSpans: 0 },
    { maxBatchBytes: Number.NaN },
    { liveDelayMs: -1 },
    { traceTimeoutMs: "1 h" },
    { batchDelayMs: null },
  ]) {
    test(`the limit ${JSON.stringify(limit)} is refused with its unit, and nothing else of the call is done`, () => {
      const before = mlflow.getTrackingUri();
      assert.throws(
        () => mlflow.init({ ...(limit as mlflow.InitOptions), trackingUri: "http://127.0.0.1:9" }),
        (error) =>
          mlflow.MlflowAg2Error.is(error) &&
          error.code === "invalid_argument" &&
          /must be a number of (spans|bytes|milliseconds), at least \d/.test(error.message),
      );
      assert.equal(mlflow.getTrackingUri(), before);
    });
  }

  test("a password in the tracking URI is rejected and not repeated", () => {
    assert.throws(
      () => mlflow.setTrackingUri("http://user:geheim@localhost:5000"),
      (error) =>
        mlflow.MlflowAg2Error.is(error) && error.code === "invalid_tracking_uri" && !error.message.includes("geheim"),
    );
  });

  test("a good tracking URI is kept without its last slash", () => {
    mlflow.setTrackingUri("https://example.com/mlflow/");
    assert.equal(mlflow.getTrackingUri(), "https://example.com/mlflow");
  });

  test("an option that autolog does not know is refused by name", () => {
    assert.throws(
      () => mlflow.autolog({ disabled: true } as never),
      (error) =>
        mlflow.MlflowAg2Error.is(error) && error.code === "invalid_argument" && error.message.includes("`disabled`"),
    );
  });

  for (const [what, experiment] of Object.entries({
    "an empty name": "",
    nothing: {},
    "both a name and an id": { experimentName: "a", experimentId: "1" },
  })) {
    test(`an experiment given as ${what} is refused`, () => {
      assert.throws(
        () => void mlflow.setExperiment(experiment),
        (error) => mlflow.MlflowAg2Error.is(error) && error.code === "invalid_argument",
      );
    });
  }

  test("after a refused setup the next chat is traced as before", async () => {
    mlflow.autolog();
    assert.throws(() => mlflow.setTrackingUri("nonsense"));
    await shortChat();
    assert.equal((await lastTrace()).info.state, "OK");
  });
});
