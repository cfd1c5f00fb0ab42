/** An MCP server at standard input and output. */

import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { toolServer } from "../mcp_fixtures.js";

await toolServer().server.connect(new StdioServerTransport());
