/** The behaviour of the agents in Deno: the test files of this folder, as they are. */

import { playInDeno } from "../support/behaviour/in_deno.js";
import { proveBehaviour } from "../support/behaviour/prove.js";

await proveBehaviour("Deno", playInDeno);
