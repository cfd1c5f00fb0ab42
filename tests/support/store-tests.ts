/**
 * The tests of `tests/server` that a server's version or database matters for, on another server than MLflow 3.17.2
 * with SQLite: whatever they prove of that one holds there, too. Each server has a test file of its own.
 */

import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runOrThrow } from "./child.js";
import { type MlflowServer, SHARED_SERVER, startMlflowServer } from "./mlflow-server.js";
import { type Postgres, startPostgres } from "./postgres.js";
import { projectRoot } from "./project.js";

/** What a version of MLflow matters for. */
export const OF_VERSIONS: readonly string[] = ["manual_spans", "experiments", "shared_traces", "feedback", "previews"];
/** What a database matters for. */
export const OF_DATABASES: readonly string[] = ["odd_values", "search_traces", "nul_characters"];

/** A server, and what is to hold there. */
export interface Place {
  name: string;
  /** A Python with its version of MLflow. */
  python: string;
  isPostgres: boolean;
  /** Files of `tests/server`. */
  files: readonly string[];
}

const FIRST_SPANS = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              traceId: "0123456789abcdef0123456789abcdef",
              spanId: "0123456789abcdef",
              name: "first",
              startTimeUnixNano: "1700000000000000000",
              endTimeUnixNano: "1700000001000000000",
            },
          ],
        },
      ],
    },
  ],
});

/** Starts the server, and runs the files one by one. */
export function testsHoldOn(place: Place): void {
  describe(place.name, () => {
    let postgres: Postgres | undefined;
    let server: MlflowServer;

    before(async () => {
      if (place.isPostgres) postgres = await startPostgres();
      const database = await postgres?.database("mlflow");
      server = await startMlflowServer({ python: place.python, ...(database !== undefined && { database }) });
      // The first spans take a server some seconds, which is no matter of the tests.
      const headers = { "content-type": "application/json", "x-mlflow-experiment-id": "0" };
      await fetch(`${server.uri}/v1/traces`, { method: "POST", headers, body: FIRST_SPANS });
    });
    after(async () => {
      await server?.stop();
      await postgres?.stop();
    });

    for (const file of place.files) {
      test(`${file} holds`, async () => {
        await runOrThrow(
          process.execPath,
          ["--test", "--test-reporter=spec", join(projectRoot, "target", "tests", "server", `${file}.test.js`)],
          { cwd: projectRoot, environment: { [SHARED_SERVER]: server.uri }, timeoutMs: 500_000 },
        );
      });
    }
  });
}
