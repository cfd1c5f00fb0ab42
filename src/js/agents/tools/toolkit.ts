/** Sets of tools (AG2: tools/toolkit.py, `Toolkit`). */

import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError } from "../util/errors.js";
import type { Tool } from "./tool.js";

/**
 * A set of tools by name, which agents get together.
 *
 * @example
 * const weather = new Tool(() => "sun", { name: "weather", description: "Tells the weather." });
 * const clock = new Tool(() => new Date().toISOString(), { name: "clock", description: "Tells the time." });
 * const kit = new Toolkit([weather, clock]);
 * kit.registerForLlm(assistant);
 * kit.registerForExecution(user);
 * const other = new ConversableAgent({ name: "other", llmConfig, functions: [...kit.tools] });
 */
export class Toolkit {
  readonly #tools: Map<string, Tool>;

  /** Creates a set of `tools`; of several with the same name, the last one. */
  constructor(tools: Iterable<Tool> = []) {
    this.#tools = new Map(Array.from(tools, (tool) => [tool.name, tool]));
  }

  /** The tools, in the order in which they were added. */
  get tools(): Tool[] {
    return [...this.#tools.values()];
  }

  /** The number of tools. */
  get size(): number {
    return this.#tools.size;
  }

  /** Registers all tools with the agent's model. */
  registerForLlm(agent: ConversableAgent): void {
    for (const tool of this.tools) agent.registerForLlm()(tool);
  }

  /** Registers all tools with the agent, which runs them. */
  registerForExecution(agent: ConversableAgent): void {
    for (const tool of this.tools) agent.registerForExecution()(tool);
  }

  /** The tool of that name. @throws AgentError if there is none */
  getTool(name: string): Tool {
    const tool = this.#tools.get(name);
    if (tool === undefined) throw new AgentError("tool_not_found", `there is no tool \`${name}\` in the toolkit`);
    return tool;
  }

  /** Adds a tool, or replaces the one of its name. */
  setTool(tool: Tool): void {
    this.#tools.set(tool.name, tool);
  }

  /** Removes the tool of that name. @throws AgentError if there is none */
  removeTool(name: string): void {
    this.#tools.delete(this.getTool(name).name);
  }
}
