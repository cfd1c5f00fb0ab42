/** A critic whose reply comes from two nested chats, one summarised by the model. */

import { type NestedMessageFunction, registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const writer = agentWithModel(server, "writer", "You are a writer.");
  const critic = agentWithoutModel("critic");
  const style = agentWithModel(server, "style_reviewer", "You review style.");
  const facts = agentWithModel(server, "fact_reviewer", "You review facts.");
  const ask: NestedMessageFunction = (recipient, _, sender) =>
    `Review this text: ${String(sender && recipient.chatMessagesForSummary(sender).at(-1)?.content)}`;
  registerNestedChats(
    critic,
    [
      {
        recipient: style,
        message: ask,
        maxTurns: 1,
        summaryMethod: "reflection_with_llm",
        summaryArgs: { summaryPrompt: "State the review in one sentence." },
      },
      { recipient: facts, message: ask, maxTurns: 1, summaryMethod: "last_msg" },
    ],
    writer,
  );
  return { chat: await critic.initiateChat(writer, { message: "Write one sentence about the moon.", maxTurns: 2 }) };
};
