/** The twins of the Python programs, in Deno, which may talk to localhost and may do nothing else. */

import { inDeno } from "../support/theatres.js";
import { proveTwins } from "../support/twins.js";

proveTwins("Deno", inDeno());
