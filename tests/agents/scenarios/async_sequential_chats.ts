/** Two concurrent chats and a third that needs both. */

import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const user = agentWithoutModel("user");
  const agent = (name: string) => agentWithModel(server, name, `You are ${name}.`);
  const results = await user.initiateChats([
    { chatId: 1, recipient: agent("north"), message: "Weather in the north?", maxTurns: 1, silent: true },
    { chatId: 2, recipient: agent("south"), message: "Weather in the south?", maxTurns: 1, silent: true },
    { chatId: 3, prerequisites: [1, 2], recipient: agent("chief"), message: "Sum up.", maxTurns: 1, silent: true },
  ]);
  return Object.fromEntries([...results].map(([chatId, result]) => [`chat_${chatId}`, result]));
};
