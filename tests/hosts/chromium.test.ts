/** The scenarios in a page of headless Chromium, served on localhost. */

import { declareHostTests } from "../support/host-tests.js";
import { inChromium } from "../support/hosts.js";

declareHostTests("Chromium", inChromium());
