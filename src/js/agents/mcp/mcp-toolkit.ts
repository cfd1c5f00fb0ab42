/** Toolkits of MCP servers (AG2: mcp/mcp_client.py, `create_toolkit`). */

import { agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { Toolkit } from "../tools/toolkit.js";
import type { Tool } from "../tools/tool.js";
import { AgentError, messageOf } from "../util/errors.js";
import { warn } from "../util/warn.js";
import type { McpClient } from "./mcp-client.js";
import { type ListedTool, listTools, type McpToolsOptions, serverName } from "./mcp-tools.js";
import { checkOptions, type OptionRules } from "../util/options.js";

/** What an agent does with a tool: its model calls it, or the agent runs it. */
type Side = "llmTools" | "tools";

const OPTIONS: OptionRules<McpToolsOptions> = {
  useMcpTools: "flag",
  useMcpResources: "flag",
  rename: "function",
  onProgress: "function",
  timeoutMs: "any",
  signal: "any",
};
const LISTS_CHANGED = ["notifications/tools/list_changed", "notifications/resources/list_changed"];

/** The toolkits of a client. */
const kitsOfClient = new WeakMap<McpClient, Set<WeakRef<McpToolkit>>>();
/** The toolkits of an agent, which live as long as it. */
const kitsOfAgent = new WeakMap<ConversableAgent, Set<McpToolkit>>();

/**
 * The tools of an MCP server, and one tool for each of its resource templates, which reads a resource by its URI.
 *
 * The client is the program's: it connects it, before this call, and closes it. A call's `signal` cancels the request;
 * an error that the server reports (`isError`) becomes the tool's error, whose text the model gets. The server
 * checks the arguments. When it reports that its tools have changed, the toolkit is refreshed, and the agents that have
 * it.
 *
 * In a trace a call is a TOOL span with the server's name and version as `mcp.server.name` and `mcp.server.version`,
 * and the server gets the span's `traceparent` in the request's `_meta`, so that its own spans continue the trace.
 *
 * @throws AgentError for unknown options and for two tools of the same name, and errors of the client
 * @example
 * // `client` is the connected `Client` of "@modelcontextprotocol/sdk/client/index.js".
 * const ask = async (client: McpClient): Promise<string> => {
 *   const kit = await toolsOfMcp(client);
 *   kit.registerForLlm(assistant);
 *   kit.registerForExecution(user);
 *   const { summary } = await user.initiateChat(assistant, { message: "What is in stock?" });
 *   return summary;
 * };
 */
export async function toolsOfMcp(client: McpClient, options: McpToolsOptions = {}): Promise<McpToolkit> {
  checkOptions("toolsOfMcp", options, OPTIONS);
  const kit = new McpToolkit(client, options);
  await kit.refresh();
  const kits = kitsOfClient.get(client) ?? new Set();
  if (!kitsOfClient.has(client)) followChanges(client, kits);
  kits.add(new WeakRef(kit));
  return kit;
}

/**
 * Refreshes the toolkits of a client when the server's lists change; other notifications reach the program's handler.
 */
function followChanges(client: McpClient, kits: Set<WeakRef<McpToolkit>>): void {
  kitsOfClient.set(client, kits);
  const others = client.fallbackNotificationHandler;
  client.fallbackNotificationHandler = async (notification) => {
    if (LISTS_CHANGED.includes(notification.method))
      for (const reference of kits) {
        const kit = reference.deref();
        if (kit === undefined) kits.delete(reference);
        kit
          ?.refresh()
          .catch((error: unknown) => warn(`the changed tools of an MCP server cannot be used: ${messageOf(error)}`));
      }
    await others?.call(client, notification);
  };
}

/**
 * The toolkit of an MCP server, made by `toolsOfMcp`. Tools that the program removes from it, or replaces in it, stay
 * so when it is refreshed.
 *
 * @example
 * // Without the tools that delete something.
 * const harmless = async (client: McpClient): Promise<McpToolkit> => {
 *   const kit = await toolsOfMcp(client, { useMcpResources: false });
 *   for (const { name } of kit.tools) if (name.startsWith("delete_")) kit.removeTool(name);
 *   return kit;
 * };
 */
export class McpToolkit extends Toolkit {
  readonly #client: McpClient;
  readonly #options: McpToolsOptions;
  readonly #removed = new Set<string>();
  readonly #agents: Readonly<Record<Side, Set<WeakRef<ConversableAgent>>>> = { llmTools: new Set(), tools: new Set() };
  #listed = new Map<string, ListedTool>();
  #refreshing: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(client: McpClient, options: McpToolsOptions) {
    super();
    this.#client = client;
    this.#options = options;
  }

  /**
   * Registers all tools with the agent's model.
   *
   * @throws AgentError if its model has another tool of the same name
   */
  override registerForLlm(agent: ConversableAgent): void {
    this.#join("llmTools", agent);
    super.registerForLlm(agent);
  }

  /**
   * Registers all tools with the agent, which runs them.
   *
   * @throws AgentError if it runs another tool of the same name
   */
  override registerForExecution(agent: ConversableAgent): void {
    this.#join("tools", agent);
    super.registerForExecution(agent);
  }

  /** Removes the tool of that name, also from later lists of the server. @throws AgentError if there is none */
  override removeTool(name: string): void {
    super.removeTool(name);
    this.#removed.add(name);
  }

  /**
   * Lists the server's tools again, and changes those of the toolkit and of the agents on which it is registered.
   * Called by itself when the server reports that they have changed, unless the client has its own handler for that.
   *
   * @throws AgentError if a new tool is named like another tool of an agent, and errors of the client
   */
  refresh(): Promise<void> {
    const next = this.#refreshing.then(async () => this.#change(await listTools(this.#client, this.#options)));
    this.#refreshing = next.catch(() => {});
    return next;
  }

  #join(side: Side, agent: ConversableAgent): void {
    refuseConflicts(side, agent, this.tools, this.#client);
    this.#agents[side].add(new WeakRef(agent));
    kitsOfAgent.set(agent, (kitsOfAgent.get(agent) ?? new Set()).add(this));
  }

  #change(listed: Map<string, ListedTool>): void {
    const before = this.#listed;
    for (const name of this.#removed) listed.delete(name);
    for (const [name, { described }] of listed) {
      const known = before.get(name);
      if (known?.described === described) listed.set(name, known);
    }
    const isOwn = (name: string, tool: Tool | undefined): boolean => tool?.fn === before.get(name)?.tool.fn;
    const replaced = (name: string): boolean => listed.get(name) !== before.get(name);
    const gone = [...before.keys()].filter(replaced);
    const added = [...listed.keys()].filter(replaced).map((name) => (listed.get(name) as ListedTool).tool);
    const current = new Map(this.tools.map((tool) => [tool.name, tool]));
    // A tool that the program has put in place of the server's stays.
    const fresh = added.filter(({ name }) => !current.has(name) || isOwn(name, current.get(name)));
    const agents = (["llmTools", "tools"] as const).flatMap((side) =>
      [...this.#agents[side]].flatMap((reference) => {
        const agent = reference.deref();
        if (agent === undefined) this.#agents[side].delete(reference);
        return agent ? [{ side, agent }] : [];
      }),
    );
    for (const { side, agent } of agents) {
      const others = fresh.filter(({ name }) => !isOwn(name, agent[agentState][side].get(name)));
      refuseConflicts(side, agent, others, this.#client);
    }
    this.#listed = listed;
    for (const name of gone) if (isOwn(name, current.get(name))) super.removeTool(name);
    for (const tool of fresh) this.setTool(tool);
    for (const { side, agent } of agents) {
      for (const name of gone) {
        if (!isOwn(name, agent[agentState][side].get(name))) continue;
        if (side === "tools") agent.registerFunction({ [name]: null });
        else agent.updateToolSignature(name, { isRemove: true });
      }
      for (const tool of fresh)
        if (side === "tools") agent.registerForExecution()(tool);
        else agent.registerForLlm()(tool);
    }
  }
}

function refuseConflicts(side: Side, agent: ConversableAgent, tools: readonly Tool[], client: McpClient): void {
  for (const { name, fn } of tools) {
    const other = agent[agentState][side].get(name);
    if (other === undefined || other.fn === fn) continue;
    throw new AgentError(
      "tool_name_conflict",
      `agent \`${agent.name}\` has another tool named \`${name}\` than that of MCP server \`${serverName(client)}\`: ` +
        'give `toolsOfMcp` a `rename`, such as `(name) => "files_" + name`, or remove one of them',
    );
  }
}
