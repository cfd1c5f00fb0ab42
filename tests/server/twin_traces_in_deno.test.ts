/** The traces of the twins of the Python programs, in Deno, which may talk to localhost and may do nothing else. */

import { runOrThrow } from "../support/child.js";
import { deno } from "../support/project.js";
import { resultIn } from "../support/result.js";
import { proveTwinTraces } from "../support/twin_traces.js";

let folder = "";

proveTwinTraces("Deno", {
  open: async (project) => void (folder = project),
  play: async (program, query) => {
    const options = ["run", "--no-remote", "--no-lock", "--node-modules-dir=manual", "--no-prompt", "--allow-net=127.0.0.1,localhost"];
    const environment = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    return resultIn(await runOrThrow(deno(), [...options, program, query], { cwd: folder, environment }));
  },
  close: async () => undefined,
});
