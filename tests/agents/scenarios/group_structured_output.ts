/** Answers in a format: with nested parts beside a tool, by a plain schema, and turned into a text. */

import type { Hooks, JsonSchema, LlmConfig } from "mlflow-ag2/agents";
import { AgentTarget, DefaultPattern, handoffsOf, initiateGroupChat } from "mlflow-ag2/agents/group";
import { agentWithModel, integerSchema, llmConfig, type Scenario } from "./fixtures.js";
import { attempt, giveTool } from "./group_fixtures.js";

const VERDICT: JsonSchema = {
  properties: { good: { title: "Good", type: "boolean" }, why: { title: "Why", type: "string" } },
  required: ["good", "why"],
  title: "Verdict",
  type: "object",
  additionalProperties: false,
};

const RECIPE: JsonSchema = {
  $defs: {
    Step: {
      properties: {
        text: { description: "What to do", title: "Text", type: "string" },
        minutes: { title: "Minutes", type: "integer" },
      },
      required: ["text", "minutes"],
      title: "Step",
      type: "object",
      additionalProperties: false,
    },
  },
  description: "A recipe.",
  properties: {
    title: { title: "Title", type: "string" },
    steps: { items: { $ref: "#/$defs/Step" }, title: "Steps", type: "array" },
    level: { default: "easy", enum: ["easy", "hard"], title: "Level", type: "string" },
    note: { anyOf: [{ type: "string" }, { type: "null" }], title: "Note" },
  },
  required: ["title", "steps", "level", "note"],
  title: "Recipe",
  type: "object",
  additionalProperties: false,
};

const STARS: JsonSchema = {
  type: "object",
  properties: { stars: { type: "integer" } },
  required: ["stars"],
  additionalProperties: false,
};

/** Turns a verdict into a text, as the Python program's model does in its method `format`. */
const format: Hooks["safeguardLlmOutputs"] = (reply) => {
  const { good, why } = JSON.parse(String(reply)) as { good: boolean; why: string };
  return `${good ? "Good" : "Bad"} because ${why}`;
};

export const scenario: Scenario = async (server) => {
  const inFormat = (schema: JsonSchema, name: string): LlmConfig => ({
    response_format: { type: "json_schema", json_schema: { schema, name, strict: true } },
  });
  const config = (schema: JsonSchema, name: string): LlmConfig => ({ ...llmConfig(server), ...inFormat(schema, name) });
  const cook = agentWithModel(server, "cook", "You cook.", { llmConfig: config(RECIPE, "Recipe") });
  giveTool(cook, "oven", "Heats the oven.", { degrees: integerSchema("degrees") }, () => "hot");
  const inEntry = llmConfig(server, undefined, inFormat(VERDICT, "Verdict"));
  const judge = agentWithModel(server, "judge", "You judge.", { llmConfig: inEntry });
  judge.registerHook("safeguardLlmOutputs", format);
  const guide = agentWithModel(server, "guide", "You rate.", { llmConfig: config(STARS, "response_format") });
  const guest = agentWithModel(server, "guest", "You eat.", { llmConfig: config(VERDICT, "Verdict") });
  handoffsOf(cook).setAfterWork(new AgentTarget(judge));
  handoffsOf(judge).setAfterWork(new AgentTarget(guide));
  handoffsOf(guide).setAfterWork(new AgentTarget(guest));
  const pattern = new DefaultPattern({ initialAgent: cook, agents: [cook, judge, guide, guest] });
  const [chat, , last] = await initiateGroupChat(pattern, { messages: "Toast, please.", maxRounds: 9 });
  const picky = agentWithModel(server, "picky", "You complain.", { llmConfig: inEntry });
  picky.registerHook("safeguardLlmOutputs", format);
  const alone = new DefaultPattern({ initialAgent: picky, agents: [picky] });
  const alone_error = await attempt(() => initiateGroupChat(alone, { messages: "Eat." }));
  return { chat, last: last.name, alone_error };
};
