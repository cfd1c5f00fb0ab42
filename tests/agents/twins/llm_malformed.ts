/** The server answers 200 with a body that is not JSON. */

import { hello } from "./llm_connection_drop.js";
import type { Twin } from "./stage.js";

export const twin: Twin = (stage) => hello(stage);
