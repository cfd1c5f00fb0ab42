/** A program of the command line. */

import { chat } from "./chat.js";

console.log(`RESULT ${JSON.stringify(await chat(process.argv[2] ?? ""))}`);
