/** The parity scenarios in Node. */

import { inNode } from "../support/theatres.js";
import { proveTwins } from "../support/twins.js";

proveTwins("Node", inNode());
