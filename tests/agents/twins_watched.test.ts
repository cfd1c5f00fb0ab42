/**
 * Observing never breaks the observed: with the tracer on, and with observers that fail at random
 * beside it, every twin sends the model the same requests in the same order and ends the same.
 */

import { runOrThrow } from "../support/child.js";
import { resultIn } from "../support/result.js";
import { proveTwins, type Watched } from "../support/twins.js";

for (const by of ["nothing", "tracer", "tracer and failing observers"] satisfies Watched["by"][]) {
  let folder = "";
  proveTwins(
    "Node",
    {
      open: async (project) => void (folder = project),
      play: async (program, query) => resultIn(await runOrThrow(process.execPath, [program, query], { cwd: folder })),
      close: async () => undefined,
    },
    { by },
  );
}
