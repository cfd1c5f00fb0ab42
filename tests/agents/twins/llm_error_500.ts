/** The first request fails with 500, and so does its one retry. */

import { hello } from "./llm_connection_drop.js";
import type { Twin } from "./stage.js";

export const twin: Twin = (stage) => hello(stage, { maxRetries: 1 });
