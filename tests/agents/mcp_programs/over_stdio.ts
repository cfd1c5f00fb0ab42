/** A chat with the tools of a server that this program starts: the Node program whose path is the parameter. */

import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import process from "node:process";
import { report } from "./chat.js";

await report(new StdioClientTransport({ command: String(process.argv[2]), args: ["serve_stdio.js"] }));
