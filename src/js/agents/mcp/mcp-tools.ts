/** The tools and resource templates of an MCP server as tools (AG2: mcp/mcp_client.py, `MCPClient`). */

import { reportAttributes, reportEvent, traceContextOf } from "../observe/report.js";
import type { JsonSchema, ToolParameters } from "../schema/schema.js";
import { normalizeName, Tool, type ToolContext } from "../tools/tool.js";
import { AgentError } from "../util/errors.js";
import type { Fields } from "../util/fields.js";
import { allPages, type McpClient, type McpProgress, type McpRequestOptions } from "./mcp-client.js";
import { valueOfResult } from "./mcp-result.js";

/** Options of `toolsOfMcp`. */
export interface McpToolsOptions {
  /** Whether the server's tools become tools; not given: true. */
  useMcpTools?: boolean | undefined;
  /** Whether the server's resource templates become tools, which read a resource by its URI; not given: true. */
  useMcpResources?: boolean | undefined;
  /**
   * Changes the names for the model, such as those of a server whose tools are named like another's. In any case
   * characters that models do not accept become `_`.
   */
  rename?: ((name: string) => string) | undefined;
  /** Receives the server's reports on the progress of a call. They are events of the tool's span in any case. */
  onProgress?: ((progress: McpProgress, call: McpCall) => void) | undefined;
  /** The time limit of a call in milliseconds, since the last report on its progress; not given: the client's. */
  timeoutMs?: number | undefined;
  /** Ends the listing of the tools early. */
  signal?: AbortSignal | undefined;
}

/** A call of a server, for `onProgress`. */
export interface McpCall {
  /** The server's name. */
  server: string;
  /** The server's name of the tool or resource template. */
  name: string;
  /** The context of the tool call. */
  context: ToolContext;
}

/** A tool that was made of a server's description. */
export interface ListedTool {
  readonly tool: Tool;
  /** The description as text, to notice changes. */
  readonly described: string;
}

/** The server's name. */
export const serverName = (client: McpClient): string => client.getServerVersion()?.name ?? "mcp";

/**
 * All tools of the server by their names for the model.
 *
 * @throws AgentError for two of the same name, and errors of the client
 */
export async function listTools(client: McpClient, options: McpToolsOptions): Promise<Map<string, ListedTool>> {
  const { useMcpTools = true, useMcpResources = true, rename = (name) => name, signal } = options;
  const capabilities = client.getServerCapabilities();
  const listing: McpRequestOptions = { ...(signal && { signal }) };
  const listed = new Map<string, ListedTool>();
  const add = (described: { readonly name: string }, make: (name: string) => Tool): void => {
    const name = normalizeName(rename(described.name));
    if (listed.has(name))
      throw new AgentError(
        "tool_name_conflict",
        `MCP server \`${serverName(client)}\` has two tools that are named \`${name}\` for the model: ` +
          "give `toolsOfMcp` a `rename` that tells them apart, or `useMcpResources: false`",
      );
    listed.set(name, { tool: make(name), described: JSON.stringify(described) });
  };
  // A server without tools or resources rejects the request for a list.
  if (useMcpTools && capabilities?.tools) {
    for (const { tools } of await allPages((params) => client.listTools(params, listing)))
      for (const each of tools) {
        const { name, description, inputSchema } = each;
        const parameters = uncheckedParameters(inputSchema as JsonSchema);
        add(each, (named) => toolFor(client, options, name, { name: named, description, parameters }, callTool));
      }
  }
  if (useMcpResources && capabilities?.resources) {
    for (const { resourceTemplates } of await allPages((params) => client.listResourceTemplates(params, listing)))
      for (const each of resourceTemplates) {
        const { name, description, uriTemplate } = each;
        const parameters = resourceParameters(uriTemplate);
        add(each, (named) => toolFor(client, options, name, { name: named, description, parameters }, readResource));
      }
  }
  return listed;
}

/** A call of a server. */
type Send = (
  client: McpClient,
  name: string,
  args: Fields,
  meta: { _meta?: Record<string, unknown> },
  options: McpRequestOptions,
) => Promise<unknown>;

const callTool: Send = (client, name, args, meta, options) => {
  // The method of version 2 of the SDK takes the options second.
  return client.callTool.length === 2
    ? client.callTool({ name, arguments: args, ...meta }, options as unknown as undefined)
    : client.callTool({ name, arguments: args, ...meta }, undefined, options);
};

const readResource: Send = (client, _name, { uri }, meta, options) =>
  client.readResource({ uri: String(uri), ...meta }, options);

function toolFor(
  client: McpClient,
  { onProgress, timeoutMs }: McpToolsOptions,
  name: string,
  described: { name: string; description: string | undefined; parameters: ToolParameters },
  send: Send,
): Tool {
  const call = async (args: Fields, context: ToolContext): Promise<unknown> => {
    const { scope, signal } = context;
    const { name: server = "mcp", version } = client.getServerVersion() ?? {};
    reportAttributes(scope, {
      "mcp.method.name": send === callTool ? "tools/call" : "resources/read",
      "mcp.server.name": server,
      ...(version && { "mcp.server.version": version }),
      ...(name !== described.name && { "mcp.tool.name": name }),
    });
    const traceContext = traceContextOf(scope);
    // A signal for this call alone: the client listens to it for good, and cancels finished requests by it, too.
    const own = new AbortController();
    const abort = (): void => own.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      const result = await send(client, name, args, traceContext ? { _meta: { ...traceContext } } : {}, {
        signal: own.signal,
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
        resetTimeoutOnProgress: true,
        onprogress: (progress) => {
          reportEvent(scope, "progress", { ...progress });
          onProgress?.(progress, { server, name, context });
        },
      });
      return send === readResource ? result : valueOfResult(result, server);
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (typeof code === "number") reportAttributes(scope, { "rpc.response.status_code": String(code) });
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  };
  // A bound function has no source: the names of its parameters are never compared with those of the tool.
  return new Tool(call.bind(undefined), described);
}

/** The parameters for the model. The server checks the arguments itself, as it does for AG2. */
function uncheckedParameters(schema: JsonSchema): ToolParameters {
  return {
    "~standard": {
      version: 1,
      vendor: "mcp",
      validate: (value) => ({ value }),
      jsonSchema: { input: () => ({ ...schema }) },
    },
  };
}

/** The parameters of a tool that reads a resource, with AG2's description. */
function resourceParameters(uriTemplate: string): JsonSchema {
  const description =
    "A URI template (according to RFC 6570) that can be used to construct resource URIs.\n" +
    `Here is the correct format for the URI template:\n${uriTemplate}\n`;
  return { type: "object", properties: { uri: { type: "string", description } }, required: ["uri"] };
}
