/**
 * A chat is aborted while an agent makes its reply; then an ordinary chat. (In Python by Ctrl-C; here by an
 * AbortSignal.)
 */

import { ConversableAgent } from "mlflow-ag2/agents";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You help.");
  const user = agentWithoutModel("user");
  const stuck = agentWithoutModel("stuck");
  const stop = new AbortController();
  stuck.registerReply([ConversableAgent, null], (_, __, ___, ____, { signal }) => {
    stop.abort(new DOMException("Ctrl-C", "AbortError"));
    signal?.throwIfAborted();
    return [true, "too late"];
  });
  let raised = "nothing raised";
  const first = await user
    .initiateChat(stuck, { message: "Wait for ever.", maxTurns: 1, signal: stop.signal })
    .catch((error: Error) => {
      raised = `${error.name}: ${error.message}`;
      return null;
    });
  const second = await user.initiateChat(helper, { message: "Hello?", maxTurns: 1 });
  return { raised, interrupted_chat: first, next_chat: second };
};
