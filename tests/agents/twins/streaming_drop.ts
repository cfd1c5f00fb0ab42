/** A streamed answer breaks off. */

import { hello } from "./llm_connection_drop.js";
import type { Twin } from "./stage.js";

export const twin: Twin = (stage) => hello(stage, { stream: true }, "Count to ten.");
