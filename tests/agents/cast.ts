/** Agents and models for small conversations. */

import { ConversableAgent, type ConversableAgentOptions, type ToolFunction } from "mlflow-ag2/agents";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";

/** An agent without model that asks nobody and never talks on its own. */
export function plainAgent(name: string, options: Partial<ConversableAgentOptions> = {}): ConversableAgent {
  return new ConversableAgent({ name, humanInputMode: "NEVER", defaultAutoReply: null, silent: true, ...options });
}

/** An agent whose model says these things. */
export function agentSaying(name: string, steps: readonly (string | ScriptStep)[], options: Partial<ConversableAgentOptions> = {}) {
  const model = new ScriptedModel(steps.map((step) => (typeof step === "string" ? { content: step } : step)));
  const agent = plainAgent(name, { llmConfig: { configList: [{ model: "gpt-4o-mini", client: model }] }, ...options });
  return { agent, model };
}

/** What a model says to call one tool. */
export function calling(name: string, args: Record<string, unknown> | string = {}, id = "call_1"): ScriptStep {
  return { tool_calls: [{ id, name, arguments: args }] };
}

/** A helper whose model says these things, and a user who can run `tool` for it. */
export function withTool(tool: ToolFunction<never>, steps: readonly (string | ScriptStep)[], userOptions: Partial<ConversableAgentOptions> = {}) {
  const { agent: helper, model } = agentSaying("helper", steps);
  const user = plainAgent("user", userOptions);
  const parameters = { type: "object", properties: {} };
  helper.registerForLlm({ name: "tool", description: "A tool", parameters })(tool);
  user.registerForExecution({ name: "tool" })(tool);
  return { helper, user, model };
}

/** Lets everything go on that waits for nothing else: the host's next turn, in every host. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
