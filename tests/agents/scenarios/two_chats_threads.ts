/** Two chats of two pairs of agents; the second starts and ends during the first. (In Python in two threads.) */

import { agentWithoutModel, type ModelServer, agentWithModel, type Scenario } from "./fixtures.js";

function pair(server: ModelServer, name: string) {
  return {
    helper: agentWithModel(server, `helper_${name}`, `You are helper ${name}.`),
    user: agentWithoutModel(`user_${name}`, { defaultAutoReply: "And then?" }),
  };
}

export const scenario: Scenario = async (server) => {
  const [a, b] = [pair(server, "A"), pair(server, "B")];
  let notify = (): void => {};
  const isWaiting = new Promise<void>((resolve) => (notify = resolve));
  a.helper.registerHook("processAllMessagesBeforeReply", (messages) => {
    notify();
    return messages;
  });
  const chatB = isWaiting.then(() => b.user.initiateChat(b.helper, { message: "Question B.", maxTurns: 1 }));
  const [A, B] = await Promise.all([a.user.initiateChat(a.helper, { message: "Question A.", maxTurns: 2 }), chatB]);
  return { A, B };
};
