/** Two transient failures, and then a successful response. */

import { hello } from "./llm_connection_drop.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => hello(server, { maxRetries: 2 });
