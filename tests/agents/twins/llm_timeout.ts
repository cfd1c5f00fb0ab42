/** The answer takes longer than the configured timeout. */

import { hello } from "./llm_connection_drop.js";
import type { Twin } from "./stage.js";

export const twin: Twin = (stage) => hello(stage, { timeoutMs: 1000 });
