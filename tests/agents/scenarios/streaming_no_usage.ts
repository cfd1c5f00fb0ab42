/** A streamed response of a server that sends no usage. */

import { hello } from "./llm_connection_drop.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => hello(server, { stream: true }, "Count to three.");
