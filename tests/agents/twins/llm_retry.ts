/** Two failures that pass, and then a good answer. */

import { hello } from "./llm_connection_drop.js";
import type { Twin } from "./stage.js";

export const twin: Twin = (stage) => hello(stage, { maxRetries: 2 });
