/** Chats that begin with a message of a named user, with an earlier history, and with one more question. */

import {
  AgentTarget,
  DefaultPattern,
  handoffsOf,
  initiateGroupChat,
  OnCondition,
  StringLLMCondition,
} from "mlflow-ag2/agents/group";
import { agentWithModel, agentWithoutModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const team = (): DefaultPattern => {
    const front = agentWithModel(server, "front", "You greet.");
    const fixer = agentWithModel(server, "fixer", "You repair.");
    const owner = agentWithoutModel("owner");
    const condition = new StringLLMCondition("Something is broken");
    handoffsOf(front).addLlmCondition(new OnCondition({ target: new AgentTarget(fixer), condition }));
    return new DefaultPattern({ initialAgent: front, agents: [front, fixer], userAgent: owner });
  };
  const [first, , last1] = await initiateGroupChat(team(), {
    messages: [{ role: "user", name: "owner", content: "My bike squeaks." }],
  });
  const [again, , last2] = await initiateGroupChat(team(), { messages: first.chatHistory, maxRounds: 2 });
  const more = [...first.chatHistory, { role: "user", name: "owner", content: "And the lamp?" }];
  const [third, , last3] = await initiateGroupChat(team(), { messages: more, maxRounds: 2 });
  const unnamed = [...first.chatHistory, { role: "user", content: "And the bell?" }];
  const [fourth, , last4] = await initiateGroupChat(team(), { messages: unnamed, maxRounds: 2 });
  return { first, again, third, fourth, last: [last1, last2, last3, last4].map(({ name }) => name) };
};
