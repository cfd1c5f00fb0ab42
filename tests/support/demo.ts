/**
 * The demo beside an MLflow server of its own: starts the server, runs the demo against it, and in a terminal keeps the
 * server until Ctrl-C.
 *
 *     node target/tests/support/demo.js FOLDER      a folder for the server's database, kept between runs
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { startMlflowServer } from "./mlflow-server.js";
import { projectRoot } from "./project.js";

// Leaving ends the server.
for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder of the server: `cargo xtask demo --mlflow` does");
console.log("… starting an MLflow server");
const server = await startMlflowServer({ folder });
const demo = spawnSync(process.execPath, [join(projectRoot, "target", "www", "demo.js")], {
  env: { ...process.env, MLFLOW_TRACKING_URI: server.uri },
  stdio: "inherit",
});
if (demo.status === 0 && process.stdin.isTTY) {
  console.log(`\nMLflow runs at ${server.uri} until you press Ctrl-C`);
  process.stdin.resume();
} else {
  if (demo.status === 0)
    console.log(
      "\nThe MLflow server has stopped with the demo, and the link with it: in a terminal it runs until Ctrl-C",
    );
  process.exit(demo.status ?? 1);
}
