/** A message whose content is a list: a text and an image. */

import { llmConfig, speaker, thinker, type Twin } from "./stage.js";

const PIXEL = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export const twin: Twin = async (stage) => {
  const helper = thinker(stage, "helper", "You see.", { llmConfig: llmConfig(stage, "gpt-4o") });
  const message = { content: [{ type: "text", text: "What colour is this?" }, { type: "image_url", image_url: { url: PIXEL } }] };
  return { chat: await speaker("user").initiateChat(helper, { message, maxTurns: 1 }) };
};
