/** The scenarios in Deno, which may talk to localhost and may do nothing else. */

import { runOrThrow } from "../support/child.js";
import { deno } from "../support/project.js";
import { proveHost } from "../support/proof.js";
import { resultIn } from "../support/result.js";

let folder = "";

proveHost("Deno", {
  open: async (project) => void (folder = project),
  run: async (program, query) => {
    const permissions = ["--no-prompt", "--allow-net=127.0.0.1,localhost"];
    const parameters = ["run", "--no-remote", "--no-lock", "--node-modules-dir=manual", ...permissions, program, query];
    return resultIn(await runOrThrow(deno(), parameters, { cwd: folder, environment: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" } }));
  },
  close: async () => undefined,
});
