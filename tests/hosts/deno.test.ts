/** The scenarios in Deno, which may talk to localhost and may do nothing else. */

import { proveHost } from "../support/proof.js";
import { inDeno } from "../support/theatres.js";

proveHost("Deno", inDeno());
