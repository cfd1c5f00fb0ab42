/** The traces of the twins of the Python programs, in Node. */

import { inNode } from "../support/theatres.js";
import { proveTwinTraces } from "../support/twin_traces.js";

proveTwinTraces("Node", inNode());
