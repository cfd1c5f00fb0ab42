/** Three chats in a row with carryover and both summary methods. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const researcher = agentWithModel(server, "researcher", "You research.");
  const writer = agentWithModel(server, "writer", "You write.");
  const editor = agentWithModel(server, "editor", "You edit.");
  const results = await agentWithoutModel("user").initiateChats([
    { recipient: researcher, message: "Find a fact about bees.", maxTurns: 1, summaryMethod: "reflection_with_llm" },
    { recipient: writer, message: "Write a line about it.", maxTurns: 1, summaryMethod: "last_msg" },
    {
      recipient: editor,
      message: "Shorten the line.",
      carryover: "Be brief.",
      maxTurns: 1,
      summaryMethod: "last_msg",
      finishedChatIndexesToExcludeFromCarryover: [0],
    },
  ]);
  return Object.fromEntries(results.map((result, index) => [`chat_${index + 1}`, result]));
};
