/** A real MLflow server on localhost. */

import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { python } from "./project.js";

/** The environment variable by which the runner passes the address of its server to the test files. */
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

/** What kind of server to start; not given: MLflow 3.17.2 with a database. */
export interface ServerKind {
  /** Where its store is; not given: a temporary folder. */
  folder?: string;
  /** A Python with MLflow of the version that is wanted. */
  python?: string;
  /** Traces are kept in a database, or in files. */
  store?: "database" | "files";
  /** The address of that database; not given: a file of SQLite. */
  database?: string;
  /** Added to the command line. */
  options?: readonly string[];
  /** Added to its environment. */
  environment?: Record<string, string>;
}

/** Starts `mlflow server` with its store in a folder. Takes about 20 s. */
export async function startMlflowServer(kind: ServerKind = {}): Promise<MlflowServer> {
  const folder = kind.folder ?? temporaryFolder("server");
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const uri = `http://127.0.0.1:${port}`;
  const database = kind.database ?? `sqlite:///${join(folder, "mlflow.db")}`;
  const store = kind.store === "files" ? join(folder, "store") : database;
  const service = new Service(
    kind.python ?? python(),
    [
      "-m",
      "mlflow",
      "server",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--workers",
      "1",
      "--backend-store-uri",
      store,
      "--artifacts-destination",
      join(folder, "artifacts"),
      ...(kind.options ?? []),
    ],
    {
      cwd: folder,
      environment: {
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        MLFLOW_ALLOW_FILE_STORE: String(kind.store === "files"),
        ...kind.environment,
      },
    },
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

/** A port of 127.0.0.1 without a listener. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
