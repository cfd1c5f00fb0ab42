/**
 * Runs test files as `node --test` does, with one MLflow server and one packed tarball for all of them.
 *
 *     node target/tests/support/run.js                              every compiled test
 *     node target/tests/support/run.js [option of node]... [FILE]...
 *
 * A test file also runs by itself (`node --test FILE`); it then starts a server of its own, which takes about 20 s.
 */

import { spawn } from "node:child_process";
import { join } from "node:path";
import { plainEnvironment } from "./child.js";
import { filesEndingIn } from "./files.js";
import { temporaryFolder } from "./folder.js";
import { SHARED_SERVER, startMlflowServer } from "./mlflow-server.js";
import { pack, SHARED_TARBALL } from "./packed-package.js";
import { projectRoot } from "./project.js";

const given = process.argv.slice(2);
const isFile = (word: string): boolean => word.endsWith(".test.js");
const options = given.filter((word) => !isFile(word));
const files = given.some(isFile)
  ? given.filter(isFile)
  : filesEndingIn(join(projectRoot, "target", "tests"), ".test.js");

// The exit ends the children.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

const environment: Record<string, string> = {};
const began = Date.now();
// Without a Python no file of this run needs a server: `cargo xtask check` has none.
if (
  process.env["MLFLOW_AG2_PYTHON"] &&
  files.some((file) => /[\\/](servers?|hosts|docs|package|view|www|first_hour)[\\/]/.test(file))
) {
  console.log("… starting a MLflow server and packing the package");
  const [server, tarball] = await Promise.all([startMlflowServer(), pack(temporaryFolder("tarball"))]);
  console.log(`… MLflow answers at ${server.uri} after ${((Date.now() - began) / 1000).toFixed(1)} s`);
  environment[SHARED_SERVER] = server.uri;
  environment[SHARED_TARBALL] = tarball;
}

const tests = spawn(process.execPath, ["--test", "--test-reporter=spec", ...options, ...files], {
  cwd: projectRoot,
  stdio: "inherit",
  env: plainEnvironment(environment),
});
tests.once("close", (code) => process.exit(code ?? 1));
