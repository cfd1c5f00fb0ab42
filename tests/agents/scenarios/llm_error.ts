/** After one successful round the server rejects the request, which ends the chat. */

import { registerFunction } from "mlflow-ag2/agents";
import { objectSchema, agentWithoutModel, textSchema, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const load = ({ name }: { name: string }): string => `text of ${name}`;
  const assistant = agentWithModel(server, "assistant", "You read.");
  const user = agentWithoutModel("user");
  registerFunction(load, {
    caller: assistant,
    executor: user,
    description: "Loads a document",
    parameters: objectSchema({ name: textSchema("a document") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Read the manual." }) };
};
