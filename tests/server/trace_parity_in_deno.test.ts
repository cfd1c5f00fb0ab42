/** Trace parity with the Python programs, in Deno, which may talk to localhost and may do nothing else. */

import { inDeno } from "../support/hosts.js";
import { declareTraceParityTests } from "../support/trace-parity.js";

declareTraceParityTests("Deno", inDeno());
