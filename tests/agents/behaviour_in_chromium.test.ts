/** The behaviour of the agents in pages of headless Chromium: the unchanged test files of this folder. */

import { runInChromium } from "../support/behaviour/in_chromium.js";
import { declareBehaviourTests } from "../support/behaviour/declare-tests.js";

await declareBehaviourTests("Chromium", runInChromium);
