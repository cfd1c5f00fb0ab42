/** The scenarios in Node, those that have nothing to do with the host among them. */

import { MORE_SCENARIOS, declareHostTests, SCENARIOS } from "../support/host-tests.js";
import { inNode } from "../support/hosts.js";

declareHostTests("Node", inNode(), [...SCENARIOS, ...MORE_SCENARIOS]);
