/** Tools of two agents, one of which both have; several calls in a completion; a target that is no member. */

import { AgentNameTarget, DefaultPattern, initiateGroupChat, ReplyResult } from "mlflow-ag2/agents/group";
import type { ConversableAgent } from "mlflow-ag2/agents";
import { agentWithModel, type Scenario, textSchema } from "./fixtures.js";
import { attempt, giveTool } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const owl = agentWithModel(server, "owl", "You are an owl.");
  const bat = agentWithModel(server, "bat", "You are a bat.");
  const giveLook = (agent: ConversableAgent): void => {
    giveTool(
      agent,
      "look",
      `Looks, for the ${agent.name}.`,
      { what: textSchema("what") },
      ({ what }: { what: string }, { contextVariables }) => {
        contextVariables["steps"] = Number(contextVariables["steps"]) + 1;
        return `${agent.name} sees ${what} at step ${String(contextVariables["steps"])}`;
      },
    );
  };
  giveLook(owl);
  giveTool(
    owl,
    "pass_on",
    "Passes the work on.",
    { to: textSchema("to") },
    ({ to }: { to: string }, { contextVariables }) =>
      new ReplyResult({
        message: `to ${to} after ${String(contextVariables["steps"])}`,
        target: new AgentNameTarget(to),
      }),
  );
  giveLook(bat);
  const pattern = new DefaultPattern({ initialAgent: owl, agents: [owl, bat], contextVariables: { steps: 0 } });
  const error = await attempt(() => initiateGroupChat(pattern, { messages: "Look around." }));
  return { error, context: pattern.contextVariables.toDict(), owl: [...owl.chatMessages.values()].flat() };
};
