/** A direct call of `generateReply`, followed by two chats of the same agents. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You help.");
  const user = agentWithoutModel("user", { defaultAutoReply: "Go on." });
  const reply = await helper.generateReply({ messages: [{ role: "user", content: "Warm up." }] });
  const first = await user.initiateChat(helper, { message: "Chat one.", maxTurns: 2 });
  const second = await user.initiateChat(helper, { message: "Chat two.", maxTurns: 1 });
  return { reply, chat_one: first, chat_two: second };
};
