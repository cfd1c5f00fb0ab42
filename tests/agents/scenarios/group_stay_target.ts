/** To stay: as the result of a tool, by the model, by a context condition, as after work. */

import type { ConversableAgent } from "mlflow-ag2/agents";
import {
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  OnContextCondition,
  ReplyResult,
  StayTarget,
  StringContextCondition,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { giveTool } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const guard = (): ConversableAgent => agentWithModel(server, "guard", "You guard.");
  const stay = new StayTarget();
  const byTool = guard();
  giveTool(byTool, "linger", "Stays.", {}, () => stay);
  const byLlm = guard();
  handoffsOf(byLlm).addLlmCondition(new OnCondition({ target: stay, condition: new StringLLMCondition("Wait") }));
  const byResult = guard();
  giveTool(byResult, "hold", "Holds.", {}, () => {
    return new ReplyResult({ message: "held", target: stay, contextVariables: { held: true } });
  });
  handoffsOf(byResult).setAfterWork(stay);
  const byContext = guard();
  const condition = new StringContextCondition("go");
  handoffsOf(byContext).addContextCondition(new OnContextCondition({ target: stay, condition }));
  const results: Record<string, unknown> = {};
  for (const [label, agent] of Object.entries({ tool: byTool, llm: byLlm, result: byResult, context: byContext })) {
    const pattern = new DefaultPattern({ initialAgent: agent, agents: [agent], contextVariables: { go: true } });
    const [chat, , last] = await initiateGroupChat(pattern, { messages: `Case: ${label}`, maxRounds: 7 });
    results[label] = chat;
    results[`${label} last`] = last.name;
  }
  return results;
};
