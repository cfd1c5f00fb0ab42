/** The model calls a tool that does not exist, then one with arguments that are not JSON. */

export { scenario } from "./tool_missing_argument.js";
