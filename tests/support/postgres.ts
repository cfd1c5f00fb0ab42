/** A PostgreSQL of a test file's own, on localhost, with its data in a temporary folder. */

import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow, Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { freePort } from "./mlflow-server.js";
import { postgresFolder } from "./project.js";

/** A running PostgreSQL. */
export interface Postgres {
  /** Makes an empty database and gives its address. */
  database(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** The user that Debian makes for PostgreSQL, which refuses to run as root. */
const USER = "postgres";

/** Starts it, as another user than root. */
export async function startPostgres(): Promise<Postgres> {
  const folder = temporaryFolder("postgres");
  const isRoot = process.getuid?.() === 0;
  const id = (option: string): number => Number(execFileSync("id", [option, USER], { encoding: "utf8" }));
  if (isRoot) chownSync(folder, id("-u"), id("-g"));
  const command = (name: string, ...parameters: string[]): [string, string[]] => {
    const program = join(postgresFolder(), name);
    return isRoot
      ? ["setpriv", ["--reuid", USER, "--regid", USER, "--clear-groups", program, ...parameters]]
      : [program, parameters];
  };
  const run = async (name: string, ...parameters: string[]): Promise<string> =>
    runOrThrow(...command(name, ...parameters), { cwd: folder });
  const data = join(folder, "data");
  await run("initdb", "-D", data, "-U", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync");
  const port = String(await freePort());
  // Nothing of it outlives the test, so nothing has to reach the disk.
  const fast = ["fsync", "full_page_writes", "synchronous_commit"].flatMap((name) => ["-c", `${name}=off`]);
  const local = ["-h", "127.0.0.1", "-p", port, "-k", ""];
  const service = new Service(...command("postgres", "-D", data, ...local, ...fast), { cwd: folder });
  const client = ["-h", "127.0.0.1", "-p", port, "-U", USER];
  const isReady = (): Promise<true | undefined> =>
    run("pg_isready", ...client).then(
      () => true,
      () => undefined,
    );
  await service.until(isReady, 120_000);
  return {
    database: async (name) => {
      await run("createdb", ...client, name);
      return `postgresql+psycopg2://${USER}@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      await run("pg_ctl", "-D", data, "stop", "-m", "immediate");
      await service.stop();
    },
  };
}
