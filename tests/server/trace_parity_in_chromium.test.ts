/** Trace parity with the Python programs, in a page of headless Chromium. */

import { inChromium } from "../support/hosts.js";
import { declareTraceParityTests } from "../support/trace-parity.js";

declareTraceParityTests("Chromium", inChromium());
