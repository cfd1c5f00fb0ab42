/**
 * The responses of the model in the calculator conversation, with the token counts of MLflow's page. The same
 * as tests/golden/scripts/calculator.json, which Python's traces were recorded with (a test compares them).
 */

import type { Script } from "mlflow-ag2/agents/testing";

/** The model's side of the conversation. */
export const CALCULATOR_SCRIPT: Script = {
  name: "calculator",
  description:
    "Five rounds of tool calls (the first asks for two at once), then the answer. " +
    "Token counts are those of the documentation page.",
  models: ["gpt-4o-mini"],
  responses: [
    {
      match: { last_contains: "What is (44231" },
      usage: [110, 61],
      tool_calls: [
        { id: "call_sub", name: "calculator", arguments: { a: 230, b: 20, operator: "-" } },
        { id: "call_pre", name: "calculator", arguments: { a: 44231, b: 4, operator: "*" } },
      ],
    },
    {
      match: { last_contains: "176924" },
      usage: [191, 61],
      tool_calls: [{ id: "call_div", name: "calculator", arguments: { a: 13312, b: 210, operator: "/" } }],
    },
    {
      match: { last_contains: "63" },
      usage: [269, 24],
      tool_calls: [{ id: "call_add", name: "calculator", arguments: { a: 44231, b: 63, operator: "+" } }],
    },
    {
      match: { last_contains: "44294" },
      usage: [302, 23],
      tool_calls: [{ id: "call_mul", name: "calculator", arguments: { a: 44294, b: 4, operator: "*" } }],
    },
    {
      match: { last_contains: "177176" },
      usage: [333, 22],
      tool_calls: [{ id: "call_chk", name: "calculator", arguments: { a: 177176, b: 176924, operator: "-" } }],
    },
    {
      match: { last_contains: "252" },
      usage: [364, 38],
      content:
        "The result of (44231 + 13312 / (230 - 20)) * 4 is 177176. " +
        "(Check: 177176 - 44231 * 4 = 252 = 63 * 4.) TERMINATE",
    },
  ],
};
