/** Agents and models for small conversations. */

import { ConversableAgent, type ConversableAgentOptions, type ToolFunction } from "mlflow-ag2/agents";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";

/** An agent without a model that asks no person and has no default reply. */
export function plainAgent(name: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  return new ConversableAgent({ name, humanInputMode: "NEVER", defaultAutoReply: null, silent: true, ...options });
}

/** An agent with a scripted model. */
export function agentWithScript(
  name: string,
  steps: readonly (string | ScriptStep)[],
  options: Partial<ConversableAgentOptions> = {},
): { agent: ConversableAgent; model: ScriptedModel } {
  const model = new ScriptedModel(steps.map((step) => (typeof step === "string" ? { content: step } : step)));
  const agent = plainAgent(name, { llmConfig: { configList: [{ model: "gpt-4o-mini", client: model }] }, ...options });
  return { agent, model };
}

/** A step of a script with one tool call. */
export function toolCallStep(name: string, args: Record<string, unknown> | string = {}, id = "call_1"): ScriptStep {
  return { tool_calls: [{ id, name, arguments: args }] };
}

/** A helper with a scripted model, and a user that can run `tool` for it. */
export function agentsWithTool(
  tool: ToolFunction<never>,
  steps: readonly (string | ScriptStep)[],
  userOptions: Partial<ConversableAgentOptions> = {},
): { helper: ConversableAgent; user: ConversableAgent; model: ScriptedModel } {
  const { agent: helper, model } = agentWithScript("helper", steps);
  const user = plainAgent("user", userOptions);
  const parameters = { type: "object", properties: {} };
  helper.registerForLlm({ name: "tool", description: "A tool", parameters })(tool);
  user.registerForExecution({ name: "tool" })(tool);
  return { helper, user, model };
}

/** Resolves in the host's next task, after all pending microtasks. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
