/** A program of the command line that gets the package as CommonJS programs do. */

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { isEnabled } = require("mlflow-ag2") as typeof import("mlflow-ag2");
const { chat } = require("./chat.js") as typeof import("./chat.js");

if (isEnabled()) void chat(process.argv[2] ?? "").then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
