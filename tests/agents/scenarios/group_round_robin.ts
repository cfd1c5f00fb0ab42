/** Agents in turn, from the initial one on, a person last; the limit of rounds ends the chat. */

import { type AgentTarget, handoffsOf, initiateGroupChat, RoundRobinPattern } from "mlflow-ag2/agents/group";
import { agentWithModel, agentWithoutModel, type Scenario } from "./fixtures.js";
import { parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const lines = ["Make it shorter."];
  const rhymer = agentWithModel(server, "rhymer", "You rhyme.");
  const metrist = agentWithModel(server, "metrist", "You count feet.");
  const person = agentWithoutModel("person", {
    humanInputMode: "ALWAYS",
    getHumanInput: () => lines.shift() ?? "exit",
  });
  const pattern = new RoundRobinPattern({ initialAgent: metrist, agents: [rhymer, metrist], userAgent: person });
  const outcome = await initiateGroupChat(pattern, { messages: "A verse about rain.", maxRounds: 6 });
  const after_works = Object.fromEntries(
    [rhymer, metrist, person].map((agent) => [
      agent.name,
      handoffsOf(agent).afterWorks.map(({ target }) => (target as AgentTarget).agentName),
    ]),
  );
  return { ...parts(outcome), after_works };
};
