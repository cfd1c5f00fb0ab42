/** The answer takes longer than the configured timeout. */

import { hello } from "./llm_connection_drop.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => hello(server, { timeoutMs: 1000 });
