/** The parity scenarios in Node. */

import { inNode } from "../support/hosts.js";
import { declareParityTests } from "../support/parity.js";

declareParityTests("Node", inNode());
