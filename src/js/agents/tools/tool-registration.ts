/**
 * Registration of tools with models and agents (AG2: `ConversableAgent.register_for_llm`, `register_for_execution`,
 * `update_tool_signature`).
 */

import { type AgentState, agentState } from "../agent/agent-state.js";
import type { ConversableAgent } from "../agent/conversable-agent.js";
import { AgentError, invalidOption } from "../util/errors.js";
import type { LlmConfig } from "../models/llm-config.js";
import { OpenAIWrapper } from "../models/openai-wrapper.js";
import { warn } from "../util/warn.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import {
  argumentsOf,
  functionSchema,
  Tool,
  TOOL_OPTIONS,
  type ToolFunction,
  type ToolOptions,
  validName,
} from "./tool.js";
import type { ArgumentsOf, JsonSchema, ToolParameters } from "../schema/schema.js";

/** Options of `registerForLlm`. */
export interface RegisterForLlmOptions<Parameters extends ToolParameters = ToolParameters>
  extends ToolOptions<Parameters> {
  /** The format of the API: "tool" (the default), or "function" for servers that support only the old style. */
  apiStyle?: "tool" | "function" | undefined;
  /** Does not warn when a tool of that name is replaced. */
  silentOverride?: boolean | undefined;
}

/** Options of `registerForExecution`. */
export interface RegisterForExecutionOptions<Parameters extends ToolParameters = ToolParameters>
  extends ToolOptions<Parameters> {
  /** Does not warn when a tool of that name is replaced. */
  silentOverride?: boolean | undefined;
}

/** Options of `registerFunction`: the agent that calls a function and the one that runs it. */
export interface RegisterFunctionOptions<Parameters extends ToolParameters = ToolParameters>
  extends ToolOptions<Parameters> {
  /** The agent whose model may call the function. */
  caller: ConversableAgent;
  /** The agent that runs it. */
  executor: ConversableAgent;
}

const FOR_EXECUTION_OPTIONS: OptionRules<RegisterForExecutionOptions> = { ...TOOL_OPTIONS, silentOverride: "flag" };
const FOR_LLM_OPTIONS: OptionRules<RegisterForLlmOptions> = {
  ...FOR_EXECUTION_OPTIONS,
  apiStyle: ["tool", "function"],
};
const REGISTER_FUNCTION_OPTIONS: OptionRules<RegisterFunctionOptions> = {
  caller: "agent",
  executor: "agent",
  ...TOOL_OPTIONS,
};

/** Checks the options of `registerForLlm`. @throws AgentError `invalid_option` */
export function checkForLlm(options: RegisterForLlmOptions): void {
  checkOptions("registerForLlm", options, FOR_LLM_OPTIONS);
}

/** Checks the options of `registerForExecution`. @throws AgentError `invalid_option` */
export function checkForExecution(options: RegisterForExecutionOptions): void {
  checkOptions("registerForExecution", options, FOR_EXECUTION_OPTIONS);
}

/** Registers `fn` with the agent's model; the options have been checked. */
export function registerForLlm<Arguments>(
  agent: ConversableAgent,
  options: RegisterForLlmOptions,
  fn: ToolFunction<Arguments> | Tool<Arguments>,
): Tool<Arguments> {
  const { apiStyle, silentOverride, ...toolOptions } = options;
  const tool = new Tool(fn, toolOptions);
  const schema = functionSchema(tool);
  if (apiStyle === "function") updateSignature(agent, "functions", schema, { silentOverride });
  else updateSignature(agent, "tools", { type: "function", function: schema }, { silentOverride });
  agent[agentState].llmTools.set(tool.name, tool);
  return tool;
}

/**
 * Registers the `functions` of an agent's options.
 *
 * @throws AgentError for two of the same name, of which AG2 drops the first without a word
 */
export function registerAll(agent: ConversableAgent, functions: readonly (Tool | ToolFunction<never>)[]): void {
  const tools = functions.map((each) => new Tool<never>(each));
  const conflict = tools.find(({ name, fn }) => tools.some((other) => other.name === name && other.fn !== fn));
  if (conflict)
    throw new AgentError(
      "tool_name_conflict",
      `agent \`${agent.name}\` has two \`functions\` named \`${conflict.name}\`: give one another \`name\``,
    );
  for (const tool of tools) registerForLlm(agent, { silentOverride: true }, tool);
}

/** Registers `fn` with the agent, which runs it when a model calls it; the options have been checked. */
export function registerForExecution<Arguments>(
  agent: ConversableAgent,
  options: RegisterForExecutionOptions,
  fn: ToolFunction<Arguments> | Tool<Arguments>,
): Tool<Arguments> {
  const { silentOverride = false, ...toolOptions } = options;
  const tool = new Tool(fn, toolOptions);
  if (tool.parameters) argumentsOf(tool, {});
  setTool(agent[agentState], tool.name, tool, silentOverride);
  return tool;
}

/** Adds functions that the agent can run, by tool name; null removes one. */
export function setTools(
  state: AgentState,
  functionMap: Readonly<Record<string, ToolFunction<never> | Tool | null>>,
  options: { silentOverride?: boolean | undefined },
): void {
  checkOptions("registerFunction", options, { silentOverride: "flag" });
  if (typeof functionMap !== "object" || Array.isArray(functionMap))
    throw invalidOption("functionMap", "an object of functions by name: `registerFunction({ name: fn })`");
  for (const [name, fn] of Object.entries(functionMap))
    setTool(state, name, fn === null ? null : new Tool(fn, { name }), options.silentOverride ?? false);
}

/** Adds a tool that the agent can run; null removes it (AG2: `register_function` of an agent). */
export function setTool({ tools }: AgentState, name: string, tool: Tool | null, silentOverride: boolean): void {
  validName(name);
  if (tool === null) {
    if (!tools.delete(name)) warn(`there is no function \`${name}\` to remove`);
    return;
  }
  if (tools.has(name) && !silentOverride) warn(`function \`${name}\` is being overridden`);
  tools.set(name, tool);
}

/**
 * Adds or removes the description of a tool (`kind` "tools") or function in the agent's `llmConfig`.
 * A tool of the same name is removed, and the new one is added at the end.
 *
 * As in AG2 the agent gets a new `OpenAIWrapper`; here it continues with the usage of the old one.
 *
 * @throws AgentError if the agent has no model, or no such tool to remove
 */
export function updateSignature(
  agent: ConversableAgent,
  kind: "tools" | "functions",
  signature: Readonly<Record<string, unknown>> | string,
  { isRemove, silentOverride }: { isRemove?: boolean | undefined; silentOverride?: boolean | undefined },
): void {
  const state = agent[agentState];
  const { llmConfig } = state;
  if (llmConfig === false) {
    throw new AgentError("missing_llm_config", `agent \`${agent.name}\` has no model: give it an \`llmConfig\``);
  }
  const name = typeof signature === "string" ? signature : validName(String(nameIn(signature)));
  const before: readonly Readonly<Record<string, unknown>>[] = llmConfig[kind] ?? [];
  const others = before.filter((each) => nameIn(each) !== name);
  const isKnown = others.length < before.length;
  if (isRemove && !isKnown)
    throw new AgentError("tool_not_found", `agent \`${agent.name}\` has no tool \`${name}\` to remove`);
  if (!isRemove && typeof signature === "string")
    throw new AgentError("invalid_option", `tool \`${name}\` must be an object`);
  if (!isRemove && isKnown && !silentOverride) warn(`function \`${name}\` is being overridden`);
  if (isRemove) state.llmTools.delete(name);
  setLlmConfig(state, { ...llmConfig, [kind]: isRemove ? others : [...others, signature] });
}

/** The name in a tool's description (`{ function: { name } }`) or a function's (`{ name }`). */
function nameIn(signature: Readonly<Record<string, unknown>>): unknown {
  return ((signature["function"] as { name?: unknown } | undefined) ?? signature)["name" as never];
}

/** Replaces the models and tools of an agent, whose client goes on with the usage of the old one. */
export function setLlmConfig(state: AgentState, llmConfig: LlmConfig): void {
  const before = state.client;
  state.llmConfig = llmConfig;
  state.client = new OpenAIWrapper(llmConfig);
  if (before !== undefined) state.client.continueUsage(before);
}

/**
 * Lets one agent's model call `fn` and another agent run it
 * (AG2: conversable_agent.py, `register_function`).
 *
 * @example
 * registerFunction(({ a, b }: { a: number; b: number }) => a + b, {
 *   name: "add",
 *   description: "Adds two numbers.",
 *   parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } }, required: ["a", "b"] },
 *   caller: assistant,
 *   executor: user,
 * });
 */
export function registerFunction<Parameters extends ToolParameters = JsonSchema, Arguments = ArgumentsOf<Parameters>>(
  fn: ToolFunction<Arguments> | Tool<Arguments>,
  registrationOptions: RegisterFunctionOptions<Parameters>,
): Tool<Arguments> {
  checkOptions("registerFunction", registrationOptions, REGISTER_FUNCTION_OPTIONS);
  const { caller, executor, ...options } = registrationOptions;
  if (caller == null || executor == null)
    throw new AgentError(
      "invalid_option",
      "`registerFunction` needs the `caller`, whose model may call it, and the `executor`, which runs it",
    );
  const tool = registerForLlm(caller, options, fn);
  return registerForExecution(executor, {}, tool);
}
