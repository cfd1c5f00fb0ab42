/** A page that compiles the WebAssembly while it arrives. */

import { init } from "mlflow-ag2/slim";
import { chat } from "./chat.js";

async function start(): Promise<unknown> {
  init({ wasm: await WebAssembly.compileStreaming(fetch("/node_modules/mlflow-ag2/pkg/wasm/mlflow_ag2_bg.wasm")) });
  return chat(location.search);
}

void start().then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
