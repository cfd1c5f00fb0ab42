/** The parity scenarios in a page of headless Chromium. */

import { inChromium } from "../support/theatres.js";
import { proveTwins } from "../support/twins.js";

proveTwins("Chromium", inChromium());
