/**
 * The tests that a server's version and database matter for, on MLflow 3.18 and on PostgreSQL: whatever they prove of
 * MLflow 3.17.2 with SQLite holds there, too.
 */

import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runOrThrow } from "../support/child.js";
import { type MlflowServer, SHARED_SERVER, startMlflowServer } from "../support/mlflow-server.js";
import { type Postgres, startPostgres } from "../support/postgres.js";
import { newPython, projectRoot, python } from "../support/project.js";

interface Place {
  name: string;
  python: () => string;
  isPostgres: boolean;
  /** Files of `tests/server`. */
  files: readonly string[];
}

/** What a version of MLflow matters for, and what a database does. */
const OF_VERSIONS = ["manual_spans", "experiments", "shared_traces"];
const OF_DATABASES = ["odd_values", "search_traces"];

const PLACES: Place[] = [
  { name: "MLflow 3.18.0 with SQLite", python: () => newPython(), isPostgres: false, files: OF_VERSIONS },
  { name: "MLflow 3.17.2 with PostgreSQL", python: () => python(), isPostgres: true, files: OF_DATABASES },
  {
    name: "MLflow 3.18.0 with PostgreSQL",
    python: () => newPython(),
    isPostgres: true,
    files: [...OF_VERSIONS, ...OF_DATABASES],
  },
];

for (const place of PLACES) {
  describe(place.name, () => {
    let postgres: Postgres | undefined;
    let server: MlflowServer;

    before(async () => {
      if (place.isPostgres) postgres = await startPostgres();
      const database = await postgres?.database("mlflow");
      server = await startMlflowServer({ python: place.python(), ...(database !== undefined && { database }) });
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
