/** Two entries in `configList`: the first one's server refuses, the second one's answers. */

import { configEntry, speaker, thinker, type Twin } from "./stage.js";

export const twin: Twin = async (stage) => {
  const configList = [configEntry(stage, "gpt-4o"), configEntry(stage, "gpt-4o-mini")];
  const assistant = thinker(stage, "assistant", undefined, { llmConfig: { configList } });
  return { chat: await speaker("user").initiateChat(assistant, { message: "Hello?", maxTurns: 1 }) };
};
