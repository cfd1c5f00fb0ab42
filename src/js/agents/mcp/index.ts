/**
 * `mlflow-ag2/agents/mcp`: the tools of MCP servers, by the official TypeScript SDK's client, which the program hands
 * in (AG2: autogen.mcp).
 *
 * @module mlflow-ag2/agents/mcp
 */

export type {
  McpClient,
  McpListParams,
  McpNotification,
  McpProgress,
  McpRequestOptions,
  McpResourceTemplate,
  McpToolDescription,
} from "./mcp-client.js";
export { McpToolError } from "./mcp-result.js";
export { McpToolkit, toolsOfMcp } from "./mcp-toolkit.js";
export type { McpCall, McpToolsOptions } from "./mcp-tools.js";
