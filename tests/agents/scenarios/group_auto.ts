/** A manager whose model selects each next speaker, once with a retry; a tool call goes to the executor and back. */

import { AutoPattern, initiateGroupChat } from "mlflow-ag2/agents/group";
import { agentWithModel, llmConfig, type Scenario, textSchema } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const cook = agentWithModel(server, "cook", "You cook.", { description: "Plans a dish." });
  const grocer = agentWithModel(server, "grocer", "You sell food.", { description: "Knows prices." });
  giveTool(grocer, "price", "Price of an item.", { item: textSchema("item") }, () => 2.5);
  const critic = agentWithModel(server, "critic", "You judge dishes.");
  const pattern = new AutoPattern({
    initialAgent: cook,
    agents: [cook, grocer, critic],
    groupManagerOptions: { llmConfig: llmConfig(server) },
  });
  return parts(await initiateGroupChat(pattern, { messages: "A cheap supper, please.", maxRounds: 12 }));
};
