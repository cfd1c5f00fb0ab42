/** The group's manager as the after work of one agent, with a prompt of its own. */

import {
  DefaultPattern,
  GroupManagerSelectionMessageString,
  GroupManagerTarget,
  handoffsOf,
  initiateGroupChat,
} from "mlflow-ag2/agents/group";
import { agentWithModel, llmConfig, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const host = agentWithModel(server, "host", "You welcome.");
  const poet = agentWithModel(server, "poet", "You write verse.");
  const singer = agentWithModel(server, "singer", "You sing.");
  const selectionMessage = new GroupManagerSelectionMessageString("Who performs now, of {agentlist}?");
  handoffsOf(host).setAfterWork(new GroupManagerTarget({ selectionMessage }));
  const pattern = new DefaultPattern({
    initialAgent: host,
    agents: [host, poet, singer],
    groupManagerOptions: { llmConfig: llmConfig(server) },
  });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Entertain us." });
  return { chat, last: last.name };
};
