/** `OpenAIWrapper` without agents: a text, a tool call, and a fallback to the second model. */

import { OpenAIWrapper } from "mlflow-ag2/agents";
import { configEntry, type Scenario } from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const client = new OpenAIWrapper({ configList: [configEntry(server, "gpt-4o"), configEntry(server, "gpt-4o-mini")] });
  const ping = {
    type: "function",
    function: { name: "ping", description: "Pings", parameters: { type: "object", properties: {} } },
  };
  const first = await client.create({ messages: [{ role: "user", content: "Say hi." }] });
  const second = await client.create({ messages: [{ role: "user", content: "Use the tool." }], tools: [ping] });
  const outcome = (response: typeof first) => ({
    extracted: client.extractTextOrCompletionObject(response),
    model: response.model,
    cost: response.cost,
  });
  return {
    first: outcome(first),
    second: outcome(second),
    actual_usage: client.actualUsageSummary,
    total_usage: client.totalUsageSummary,
  };
};
