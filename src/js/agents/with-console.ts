/**
 * `mlflow-ag2/agents` where programs have a terminal: Node, Deno and Bun find this file by the
 * condition "node" in package.json. Pages and Workers get `index.ts`, which says nothing by itself.
 */

import "./console/index.js";

export * from "./index.js";
