/**
 * `mlflow-ag2/agents` for hosts with a terminal: Node, Deno and Bun load this file by the condition
 * "node" in package.json. Pages and Workers load `index.ts`, which prints nothing.
 */

import "./console/index.js";

export * from "./index.js";
