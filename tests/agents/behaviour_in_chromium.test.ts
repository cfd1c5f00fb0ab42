/** The behaviour of the agents in pages of headless Chromium: the test files of this folder, as they are. */

import { playInChromium } from "../support/behaviour/in_chromium.js";
import { proveBehaviour } from "../support/behaviour/prove.js";

await proveBehaviour("Chromium", playInChromium);
