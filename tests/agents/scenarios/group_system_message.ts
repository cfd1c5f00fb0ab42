/** System messages by a template and by a function; a tool changes the variables between two turns. */

import { type ConversableAgent, type Hooks, UpdateSystemMessage } from "mlflow-ag2/agents";
import { AgentTarget, DefaultPattern, handoffsOf, initiateGroupChat, ReplyResult } from "mlflow-ag2/agents/group";
import { agentWithModel, type Scenario } from "./fixtures.js";
import { giveTool, parts } from "./group_fixtures.js";

export const scenario: Scenario = async (server) => {
  const calls: unknown[] = [];
  const hook: Hooks["updateAgentState"] = ({ name }, { length }) => void calls.push([name, length]);
  const clown = agentWithModel(server, "clown", "never used", {
    updateAgentStateBeforeReply: [new UpdateSystemMessage("Mood: {mood}, guests: {guests}, {{kept}}."), hook],
  });
  giveTool(clown, "cheer_up", "Makes the mood better.", {}, () => {
    return new ReplyResult({ message: "done", contextVariables: { mood: "good" } });
  });
  const magician = agentWithModel(server, "magician", undefined, {
    updateAgentStateBeforeReply: new UpdateSystemMessage(
      ({ name, contextVariables }: ConversableAgent, { length }) =>
        `You are ${name}. ${length} messages, mood ${String(contextVariables["mood"])}.`,
    ),
  });
  handoffsOf(clown).setAfterWork(new AgentTarget(magician));
  const pattern = new DefaultPattern({
    initialAgent: clown,
    agents: [clown, magician],
    contextVariables: { mood: "bad", guests: [1, 2] },
  });
  const outcome = await initiateGroupChat(pattern, { messages: "Begin." });
  return { ...parts(outcome), hook: calls, system: clown.systemMessage };
};
