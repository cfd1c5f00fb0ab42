/** The traces of the twins of the Python programs, in Node. */

import { runOrThrow } from "../support/child.js";
import { resultIn } from "../support/result.js";
import { proveTwinTraces } from "../support/twin_traces.js";

let folder = "";

proveTwinTraces("Node", {
  open: async (project) => void (folder = project),
  play: async (program, query) => resultIn(await runOrThrow(process.execPath, [program, query], { cwd: folder })),
  close: async () => undefined,
});
