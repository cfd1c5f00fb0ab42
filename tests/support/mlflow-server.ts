/** A real MLflow server on localhost. */

import { createServer } from "node:net";
import { join } from "node:path";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { python } from "./project.js";

/** The environment variable by which the runner tells the test files of the server it has started. */
export const SHARED_SERVER = "MLFLOW_AG2_TEST_SERVER";

/** A running server. */
export interface MlflowServer {
  /** For example `http://127.0.0.1:41234`. */
  uri: string;
  stop(): Promise<void>;
}

/** The server that the whole test run shares; a server of this file's own when it is run alone. */
export async function mlflowServer(): Promise<MlflowServer> {
  const shared = process.env[SHARED_SERVER];
  return shared === undefined || shared === "" ? startMlflowServer() : { uri: shared, stop: async () => undefined };
}

/** Starts `mlflow server` with a SQLite store in a temporary folder. Takes about 20 s. */
export async function startMlflowServer(): Promise<MlflowServer> {
  const folder = temporaryFolder("server");
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const service = new Service(
    python(),
    ["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1",
      "--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`, "--artifacts-destination", join(folder, "artifacts")],
    { cwd: folder, environment: { MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" } },
  );
  await service.until(async () => ((await answers(`${uri}/health`)) ? true : undefined), 180_000);
  return { uri, stop: () => service.stop() };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
