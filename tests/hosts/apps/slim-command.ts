/** A program of the command line that reads the WebAssembly from its file. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { init } from "mlflow-ag2/slim";
import { chat } from "./chat.js";

init({ wasm: await readFile(fileURLToPath(import.meta.resolve("mlflow-ag2/mlflow_ag2.wasm"))) });
console.log(`RESULT ${JSON.stringify(await chat(process.argv[2] ?? ""))}`);
