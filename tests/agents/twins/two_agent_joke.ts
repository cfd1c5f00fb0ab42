/** Two agents with a model each take turns. */

import { llmConfig, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const cathy = thinker(stage, "cathy", "Your name is Cathy and you are half of a comedy duo.");
  const joe = thinker(stage, "joe", "Your name is Joe and you are the other half of a comedy duo.", {
    llmConfig: llmConfig(stage, "gpt-4o", { temperature: 0.7 }),
  });
  return { chat: await joe.initiateChat(cathy, { message: "Cathy, tell me a joke.", maxTurns: 2 }) };
};
