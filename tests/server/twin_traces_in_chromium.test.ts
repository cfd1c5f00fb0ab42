/** The traces of the twins of the Python programs, in a page of headless Chromium. */

import { inChromium } from "../support/theatres.js";
import { proveTwinTraces } from "../support/twin_traces.js";

proveTwinTraces("Chromium", inChromium());
