/** A group chat of three in turn. (In Python by the async functions, which here are the only ones.) */

import { inTurn } from "./groupchat_custom_manager_name.js";
import type { Scenario } from "./fixtures.js";

export const scenario: Scenario = (server) => inTurn(server);
