/** Agents that see the calls of handoffs, and a summary by a function. */

import type { GroupChatManager } from "mlflow-ag2/agents";
import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const gate = agentWithModel(server, "gate", "You open the gate.");
  const yard = agentWithModel(server, "yard", "You park cars.");
  const condition = new StringLLMCondition("A car comes");
  handoffsOf(gate).addLlmCondition(new OnCondition({ target: new AgentTarget(yard), condition }));
  const pattern = new DefaultPattern({
    initialAgent: gate,
    agents: [gate, yard],
    excludeTransitMessage: false,
    summaryMethod: (sender, recipient, summaryArgs) => {
      const { length } = (recipient as GroupChatManager).groupChat.messages;
      return `${sender.name} to ${recipient.name}, ${length} messages, ${JSON.stringify(summaryArgs)}`;
    },
  });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Honk!" });
  return { chat, last: last.name };
};
