/** The traces of the twins of the Python programs, in Deno, which may talk to localhost and may do nothing else. */

import { inDeno } from "../support/theatres.js";
import { proveTwinTraces } from "../support/twin_traces.js";

proveTwinTraces("Deno", inDeno());
