/** Trace parity with the Python programs, in Node. */

import { inNode } from "../support/hosts.js";
import { declareTraceParityTests } from "../support/trace-parity.js";

declareTraceParityTests("Node", inNode());
