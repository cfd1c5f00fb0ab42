/** A tool that runs a chat of two other agents. */

import { registerFunction } from "mlflow-ag2/agents";
import type { CallContext } from "mlflow-ag2/agents";
import {
  objectSchema,
  agentWithoutModel,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const expert = agentWithModel(server, "expert", "You are the expert.");
  const clerk = agentWithoutModel("clerk");
  const consult = async ({ question }: { question: string }, context: CallContext): Promise<string> =>
    (await clerk.initiateChat(expert, { message: question, maxTurns: 1, context })).summary;

  const assistant = agentWithModel(server, "assistant", "You delegate.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(consult, {
    caller: assistant,
    executor: user,
    description: "Asks the expert",
    parameters: objectSchema({ question: textSchema("what to ask") }),
  });
  return { chat: await user.initiateChat(assistant, { message: "How deep is the sea?" }) };
};
