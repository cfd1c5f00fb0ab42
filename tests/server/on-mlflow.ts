/** The hooks of tests that send to a real MLflow server. */

import { after, afterEach, before, beforeEach } from "node:test";
import * as mlflow from "mlflow-ag2";
import { type MlflowServer, mlflowServer } from "../support/mlflow-server.js";
import { resetTracing } from "./tracing.js";

/** Lets each test of the enclosing `describe` begin in a known state, and send to one server. */
export function onMlflow(): Pick<MlflowServer, "uri"> {
  let server: MlflowServer;
  before(async () => void (server = await mlflowServer()));
  after(() => server.stop());
  beforeEach(async () => {
    await resetTracing();
    mlflow.setTrackingUri(server.uri);
  });
  afterEach(resetTracing);
  return {
    get uri() {
      return server.uri;
    },
  };
}
