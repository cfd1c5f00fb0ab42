/** An answer that arrives in pieces. */

import { lastWords, type Scene, speaker, streamed, thinker } from "./scene.js";

/** The scene. */
export const streaming: Scene = {
  id: "streaming",
  title: "Streaming",
  about: "The response arrives in chunks; its span has the time of the first one, and the whole text.",
  script: [
    {
      usage: [24, 41],
      chunk_size: 6,
      chunk_delay_ms: 25,
      content: "Pieces of sunlight drift,\none by one they cross the pane:\nthe whole room is warm.\nTERMINATE",
    },
  ],
  hold: async (llmConfig) => {
    const poet = thinker("Poet", "You write short poems, and end with TERMINATE.", streamed(llmConfig));
    return lastWords(
      await speaker("Reader").initiateChat(poet, { message: "A haiku about streams of data, please.", silent: true }),
    );
  },
};
