/** The scenarios in Deno, which may talk to localhost and may do nothing else. */

import { declareHostTests } from "../support/host-tests.js";
import { inDeno } from "../support/hosts.js";

declareHostTests("Deno", inDeno());
