/** The behaviour of the agents in Deno: the unchanged test files of this folder. */

import { runInDeno } from "../support/behaviour/in_deno.js";
import { declareBehaviourTests } from "../support/behaviour/declare-tests.js";

await declareBehaviourTests("Deno", runInDeno);
