/** A chat with the tools of a server at the address that is the parameter of the program, or of the page. */

import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { report } from "./chat.js";

const { location, process } = globalThis as { location?: { search: string }; process?: { argv: string[] } };
const query = location?.search ?? process?.argv[2] ?? "";
await report(new StreamableHTTPClientTransport(new URL(String(new URLSearchParams(query).get("server")))));
