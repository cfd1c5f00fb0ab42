/** A pattern with a tool of an MCP server, a handoff by the model and a guardrail: for docs/traces.md. */

import { ConversableAgent } from "mlflow-ag2/agents";
import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  StringLLMCondition,
  TerminateTarget,
} from "mlflow-ag2/agents/group";
import { RegexGuardrail, registerOutputGuardrails } from "mlflow-ag2/agents/guardrails";
import { toolsOfMcp } from "mlflow-ag2/agents/mcp";
import { ScriptedModel, type ScriptStep } from "mlflow-ag2/agents/testing";
import { clientOf } from "../agents/mcp_fixtures.js";

const tool = (name: string, args: Record<string, unknown>): ScriptStep["tool_calls"] => [
  { id: name, name, arguments: args },
];

/** Runs the conversation. */
export async function groupWithMcp(): Promise<void> {
  const { client } = await clientOf();
  const model = new ScriptedModel([
    { usage: [90, 15], tool_calls: tool("weather", { city: "Oslo" }) },
    { usage: [120, 12], tool_calls: tool("transfer_to_writer_1", {}) },
    { usage: [80, 11], content: "Sun in Oslo. Call 4815162342." },
    { usage: [70, 6], content: "Sun in Oslo." },
  ]);
  const agent = (name: string): ConversableAgent =>
    new ConversableAgent({ name, llmConfig: { model: "gpt-4o-mini", client: model }, humanInputMode: "NEVER" });
  const [desk, writer, editor] = [agent("desk"), agent("writer"), agent("editor")];
  const kit = await toolsOfMcp(client);
  kit.registerForLlm(desk);
  const condition = new StringLLMCondition("When a text is needed");
  handoffsOf(desk).add(new OnCondition({ target: new AgentTarget(writer), condition }));
  registerOutputGuardrails(
    writer,
    new RegexGuardrail({ name: "phone number", condition: /\d{10}/, target: new AgentTarget(editor) }),
  );
  handoffsOf(editor).setAfterWork(new TerminateTarget());
  const pattern = new DefaultPattern({ initialAgent: desk, agents: [desk, writer, editor] });
  await initiateGroupChat(pattern, { messages: "Write about the weather in Oslo.", silent: true });
  await client.close();
}
