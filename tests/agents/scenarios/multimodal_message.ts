/** A message whose content is a list: a text and an image. */

import { llmConfig, agentWithoutModel, agentWithModel, type Scenario } from "./fixtures.js";

const PIXEL =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" +
  "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const scenario: Scenario = async (server) => {
  const helper = agentWithModel(server, "helper", "You see.", { llmConfig: llmConfig(server, "gpt-4o") });
  const message = {
    content: [
      { type: "text", text: "What colour is this?" },
      { type: "image_url", image_url: { url: PIXEL } },
    ],
  };
  return { chat: await agentWithoutModel("user").initiateChat(helper, { message, maxTurns: 1 }) };
};
