/** The first request fails with 500, and so does its one retry. */

import { hello } from "./llm_connection_drop.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => hello(server, { maxRetries: 1 });
