/** A selection prompt of context variables, a user agent, no descriptions, and a model's summary. */

import { AutoPattern, GroupManagerSelectionMessageContextStr, initiateGroupChat } from "mlflow-ag2/agents/group";
import { agentWithModel, agentWithoutModel, llmConfig, type Scenario } from "./fixtures.js";
import { parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const north = agentWithModel(server, "north_guide", "You know the north.");
  const south = agentWithModel(server, "south_guide", "You know the south.", { description: "" });
  const guest = agentWithoutModel("guest", {
    defaultAutoReply: "Thank you, goodbye.",
    description: "The traveller.",
  });
  const pattern = new AutoPattern({
    initialAgent: north,
    agents: [north, south],
    userAgent: guest,
    groupManagerOptions: { llmConfig: llmConfig(server), name: "desk" },
    contextVariables: { season: "winter", count: 3 },
    selectionMessage: new GroupManagerSelectionMessageContextStr(
      "It is {season}, {count} guests. Name one of {agentlist}.",
    ),
    summaryMethod: "reflection_with_llm",
  });
  return parts(await initiateGroupChat(pattern, { messages: "Where shall I go?", maxRounds: 4 }));
};
