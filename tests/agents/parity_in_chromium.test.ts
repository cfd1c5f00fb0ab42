/** The parity scenarios in a page of headless Chromium. */

import { inChromium } from "../support/hosts.js";
import { declareParityTests } from "../support/parity.js";

declareParityTests("Chromium", inChromium());
