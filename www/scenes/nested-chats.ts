/** A critic whose reply is made by two chats of its own. */

import { type NestedMessageFunction, registerNestedChats } from "mlflow-ag2/agents/nested-chats";
import { lastWords, type Scene, speaker, thinker } from "./scene.js";

/** The scene. */
export const nestedChats: Scene = {
  id: "nested-chats",
  title: "Nested chats",
  about: "A critic consults two reviewers before it answers: two chats inside one reply.",
  script: [
    { match: { first_contains: "You are a writer" }, usage: [25, 10], content: "The moon is made of old cheese." },
    { match: { first_contains: "You review style" }, usage: [33, 11], content: "Plain words, short sentence: good." },
    {
      match: { last_contains: "State the review in one sentence" },
      usage: [65, 8],
      content: "The style is plain and good.",
    },
    { match: { first_contains: "You review facts" }, usage: [44, 12], content: "The moon is rock, not cheese." },
    { match: { first_contains: "You are a writer" }, usage: [75, 9], content: "The moon is made of rock." },
  ],
  hold: async (llmConfig) => {
    const writer = thinker("writer", "You are a writer.", llmConfig);
    const critic = speaker("critic");
    const ask: NestedMessageFunction = (recipient, _, sender) =>
      `Review this text: ${String(sender && recipient.chatMessagesForSummary(sender).at(-1)?.content)}`;
    const style = { summaryPrompt: "State the review in one sentence." };
    registerNestedChats(
      critic,
      [
        {
          recipient: thinker("style_reviewer", "You review style.", llmConfig),
          message: ask,
          maxTurns: 1,
          summaryMethod: "reflection_with_llm",
          summaryArgs: style,
        },
        {
          recipient: thinker("fact_reviewer", "You review facts.", llmConfig),
          message: ask,
          maxTurns: 1,
          summaryMethod: "last_msg",
        },
      ],
      writer,
    );
    return lastWords(
      await critic.initiateChat(writer, { message: "Write one sentence about the moon.", maxTurns: 2, silent: true }),
    );
  },
};
