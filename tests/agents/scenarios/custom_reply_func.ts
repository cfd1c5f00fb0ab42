/** An agent whose replies come from a registered function. */

import { ConversableAgent } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const echo = agentWithoutModel("echo");
  const helper = agentWithModel(server, "helper", "You count.");
  echo.registerReply([ConversableAgent, null], (_, messages) => [
    true,
    { content: `echo: ${String(messages.at(-1)?.content)}`, metadata: { length: messages.length } },
  ]);
  return { chat: await echo.initiateChat(helper, { message: "one", maxTurns: 2 }) };
};
