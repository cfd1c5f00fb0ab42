/** The first message and the summary are both made by functions; carryover is a list. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You help.");
  const user = agentWithoutModel("user");
  const chat = await user.initiateChat(helper, {
    message: (sender, recipient, extra) =>
      `${sender.name} asks ${recipient.name} about ${(extra["carryover"] as string[]).join(", ")}`,
    maxTurns: 1,
    carryover: ["tea", "milk"],
    summaryMethod: (sender, recipient, args) =>
      `${String(args["prefix"])}${String(recipient.lastMessage(sender)?.content)}`,
    summaryArgs: { prefix: "In short: " },
  });
  return { chat };
};
