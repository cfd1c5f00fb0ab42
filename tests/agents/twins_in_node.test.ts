/** The twins of the Python programs, in Node. */

import { inNode } from "../support/theatres.js";
import { proveTwins } from "../support/twins.js";

proveTwins("Node", inNode());
