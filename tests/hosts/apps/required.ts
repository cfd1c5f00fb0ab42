/** A program of the command line that gets the package as CommonJS programs do. */

import { createRequire } from "node:module";
import type * as tracer from "mlflow-ag2";
import type * as program from "./chat.js";

const require = createRequire(import.meta.url);
const { isEnabled } = require("mlflow-ag2") as typeof tracer;
const { chat } = require("./chat.js") as typeof program;

if (isEnabled()) void chat(process.argv[2] ?? "").then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
