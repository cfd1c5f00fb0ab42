/** A group chat in which one agent asks for a tool and another one runs it. */

import { GroupChat, GroupChatManager, registerFunction } from "mlflow-ag2/agents";
import { object, speaker, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const stock = ({ item }: { item: string }): number => (item === "bolts" ? 12 : 0);
  const user = speaker("user");
  const clerk = thinker(stage, "clerk", "You look up the stock.");
  const runner = speaker("runner");
  const parameters = object({ item: text("what to look up") });
  registerFunction(stock, { caller: clerk, executor: runner, name: "stock", description: "How many are in stock", parameters });
  const groupChat = new GroupChat({ agents: [user, clerk, runner], messages: [], maxRound: 6, speakerSelectionMethod: "round_robin" });
  const manager = new GroupChatManager({ groupChat, llmConfig: false, ...UNTIL_TERMINATE });
  return { chat: await user.initiateChat(manager, { message: "How many bolts are there?" }) };
};
