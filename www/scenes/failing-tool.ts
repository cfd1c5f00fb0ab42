/** A tool that throws: the model reads what went wrong, and tries again. */

import { registerFunction } from "mlflow-ag2/agents";
import { lastWords, type Scene, speaker, thinker } from "./scene.js";

/** The scene. */
export const failingTool: Scene = {
  id: "failing-tool",
  title: "Failing tool",
  about: "A tool throws; its span has failed and contains the exception, the conversation continues.",
  script: [
    {
      match: { last_contains: "What is the root" },
      usage: [50, 15],
      tool_calls: [{ id: "call_1", name: "square_root", arguments: { x: -4 } }],
    },
    {
      match: { last_contains: "no real root" },
      usage: [80, 15],
      content: "That has none, so I take 4.",
      tool_calls: [{ id: "call_2", name: "square_root", arguments: { x: 4 } }],
    },
    { match: { last_role: "tool" }, usage: [110, 12], content: "-4 has no real root; the root of 4 is 2. TERMINATE" },
  ],
  hold: async (llmConfig) => {
    function root({ x }: { x: number }): number {
      if (x < 0) throw new RangeError(`no real root of ${x}`);
      return Math.sqrt(x);
    }
    const assistant = thinker("Assistant", "You calculate with your tool, and say TERMINATE when done.", llmConfig);
    const user = speaker("User");
    const parameters = {
      type: "object",
      properties: { x: { type: "number", description: "a number" } },
      required: ["x"],
    };
    registerFunction(root, {
      name: "square_root",
      caller: assistant,
      executor: user,
      description: "The square root",
      parameters,
    });
    return lastWords(
      await user.initiateChat(assistant, { message: "What is the root of -4, and of 4?", silent: true }),
    );
  },
};
