/** A group chat in which one agent calls a tool and another one runs it. */

import { GroupChat, GroupChatManager, registerFunction } from "mlflow-ag2/agents";
import {
  objectSchema,
  agentWithoutModel,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const stock = ({ item }: { item: string }): number => (item === "bolts" ? 12 : 0);
  const user = agentWithoutModel("user");
  const clerk = agentWithModel(server, "clerk", "You look up the stock.");
  const runner = agentWithoutModel("runner");
  const parameters = objectSchema({ item: textSchema("what to look up") });
  registerFunction(stock, {
    caller: clerk,
    executor: runner,
    name: "stock",
    description: "How many are in stock",
    parameters,
  });
  const groupChat = new GroupChat({
    agents: [user, clerk, runner],
    messages: [],
    maxRound: 6,
    speakerSelectionMethod: "round_robin",
  });
  const manager = new GroupChatManager({ groupChat, llmConfig: false, ...UNTIL_TERMINATE });
  return { chat: await user.initiateChat(manager, { message: "How many bolts are there?" }) };
};
