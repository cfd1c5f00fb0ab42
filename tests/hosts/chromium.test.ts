/** The scenarios in a page of headless Chromium, served on localhost. */

import { proveHost } from "../support/proof.js";
import { inChromium } from "../support/theatres.js";

proveHost("Chromium", inChromium());
