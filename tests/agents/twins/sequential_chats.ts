/** Three chats in a row with carryover and both summary methods. */

import { speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const researcher = thinker(stage, "researcher", "You research.");
  const writer = thinker(stage, "writer", "You write.");
  const editor = thinker(stage, "editor", "You edit.");
  const results = await speaker("user").initiateChats([
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
