/** Two chats at the same time: two traces that grow side by side and never mix. */

import { registerFunction } from "mlflow-ag2/agents";
import { lastWords, type Scene, speaker, thinker } from "./scene.js";

/** The scene. */
export const twoChats: Scene = {
  id: "two-chats",
  title: "Two chats at once",
  about: "Two conversations run side by side; each has a trace of its own, and no span is in the wrong one.",
  script: [
    {
      match: { system_contains: "helper A", last_contains: "Question A" },
      usage: [30, 10],
      tool_calls: [{ id: "call_a", name: "look_up", arguments: { key: "alpha" } }],
    },
    {
      match: { system_contains: "helper A", last_role: "tool" },
      usage: [50, 5],
      content: "A is done: alpha is the first letter. TERMINATE",
    },
    { match: { system_contains: "helper B" }, usage: [20, 5], content: "B is done. TERMINATE" },
  ],
  hold: async (llmConfig) => {
    function lookUp({ key }: { key: string }): string {
      return `${key} is the first letter`;
    }
    const pair = (name: string) => ({
      helper: thinker(`helper_${name}`, `You are helper ${name}. Say TERMINATE when done.`, llmConfig),
      user: speaker(`user_${name}`),
    });
    const [a, b] = [pair("A"), pair("B")];
    const parameters = {
      type: "object",
      properties: { key: { type: "string", description: "a key" } },
      required: ["key"],
    };
    registerFunction(lookUp, {
      name: "look_up",
      caller: a.helper,
      executor: a.user,
      description: "Looks a key up",
      parameters,
    });
    const results = await Promise.all([
      a.user.initiateChat(a.helper, { message: "Question A: what is alpha?", silent: true }),
      b.user.initiateChat(b.helper, { message: "Question B: are you done?", silent: true }),
    ]);
    return results.map(lastWords).join("\n");
  },
};
