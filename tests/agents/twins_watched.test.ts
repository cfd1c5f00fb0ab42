/**
 * Observing never breaks the observed: with the tracer on, and with observers that fail at random
 * beside it, every twin sends the model the same requests in the same order and ends the same.
 */

import { inNode } from "../support/theatres.js";
import { proveTwins, type Watched } from "../support/twins.js";

for (const by of ["nothing", "tracer", "tracer and failing observers"] satisfies Watched["by"][]) proveTwins("Node", inNode(), { by });
