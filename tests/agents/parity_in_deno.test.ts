/** The parity scenarios in Deno, with the permission for localhost only. */

import { inDeno } from "../support/theatres.js";
import { proveTwins } from "../support/twins.js";

proveTwins("Deno", inDeno());
