/** Three tool calls in one completion, two of them of the same tool. */

import { registerFunction } from "mlflow-ag2/agents";
import {
  objectSchema,
  agentWithoutModel,
  textSchema,
  agentWithModel,
  type Scenario,
  UNTIL_TERMINATE,
} from "./fixtures.js";

export const scenario: Scenario = async (server) => {
  const weather = ({ city, unit }: { city: string; unit: string }): string => `${city}: 21 ${unit}`;
  const local_time = ({ city }: { city: string }): string => `12:00 in ${city}`;
  const city = textSchema("the city");
  const unit = { type: "string", default: "C", description: "C or F" };
  const assistant = agentWithModel(server, "assistant", "You help.");
  const user = agentWithoutModel("user", UNTIL_TERMINATE);
  registerFunction(weather, {
    caller: assistant,
    executor: user,
    description: "The weather",
    parameters: objectSchema({ city, unit }, ["city"]),
  });
  registerFunction(local_time, {
    caller: assistant,
    executor: user,
    description: "The local time",
    parameters: objectSchema({ city }),
  });
  return { chat: await user.initiateChat(assistant, { message: "Weather in Paris and Tokyo, time in Tokyo?" }) };
};
