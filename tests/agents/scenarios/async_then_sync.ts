/** One chat after the other, of two pairs of agents. */

import { agentWithoutModel, type ModelServer, agentWithModel, type Scenario } from "./fixtures.js";

function pair(server: ModelServer, number: number) {
  return {
    helper: agentWithModel(server, `helper${number}`, `You are helper ${number}.`),
    user: agentWithoutModel(`user${number}`, { defaultAutoReply: "Go on." }),
  };
}

export const scenario: Scenario = async (server) => {
  const [one, two] = [pair(server, 1), pair(server, 2)];
  const first = await one.user.initiateChat(one.helper, { message: "Hello one.", maxTurns: 2 });
  const second = await two.user.initiateChat(two.helper, { message: "Hello two.", maxTurns: 2 });
  return { async: first, sync: second };
};
