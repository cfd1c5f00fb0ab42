/** A person answers, gives an empty line, and ends the chat. */

import { DefaultPattern, handoffsOf, initiateGroupChat, RevertToUserTarget } from "mlflow-ag2/agents/group";
import { agentWithModel, agentWithoutModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const prompts: string[] = [];
  const lines = ["A tent.", "", "exit"];
  const clerk = agentWithModel(server, "clerk", "You rent things out.");
  const camper = agentWithoutModel("camper", {
    humanInputMode: "ALWAYS",
    defaultAutoReply: "(no answer)",
    getHumanInput: (prompt) => {
      prompts.push(prompt);
      return lines.shift() ?? "exit";
    },
  });
  handoffsOf(clerk).setAfterWork(new RevertToUserTarget());
  const pattern = new DefaultPattern({ initialAgent: clerk, agents: [clerk], userAgent: camper });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Hello.", maxRounds: 20 });
  return { chat, last: last.name, prompts };
};
