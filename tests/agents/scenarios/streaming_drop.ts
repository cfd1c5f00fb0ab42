/** The connection of a streamed response breaks. */

import { hello } from "./llm_connection_drop.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => hello(server, { stream: true }, "Count to ten.");
