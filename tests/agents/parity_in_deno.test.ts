/** The parity scenarios in Deno, with the permission for localhost only. */

import { inDeno } from "../support/hosts.js";
import { declareParityTests } from "../support/parity.js";

declareParityTests("Deno", inDeno());
