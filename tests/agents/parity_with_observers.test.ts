/**
 * Observers never change a program: with the tracer on, and with observers that fail at random beside
 * it, every scenario sends the model the same requests in the same order and has the same outcome.
 */

import { inNode } from "../support/hosts.js";
import { declareParityTests, type Watched } from "../support/parity.js";

for (const by of ["nothing", "tracer", "tracer and failing observers"] satisfies Watched["by"][])
  declareParityTests("Node", inNode(), { by });
