/** Three tool calls in one completion, two of them of the same tool. */

import { registerFunction } from "mlflow-ag2/agents";
import { object, speaker, text, thinker, type Twin, UNTIL_TERMINATE } from "./stage.js";

export const twin: Twin = async (stage) => {
  const weather = ({ city, unit }: { city: string; unit: string }): string => `${city}: 21 ${unit}`;
  const local_time = ({ city }: { city: string }): string => `12:00 in ${city}`;
  const city = text("the city");
  const unit = { type: "string", default: "C", description: "C or F" };
  const assistant = thinker(stage, "assistant", "You help.");
  const user = speaker("user", UNTIL_TERMINATE);
  registerFunction(weather, { caller: assistant, executor: user, description: "The weather", parameters: object({ city, unit }, ["city"]) });
  registerFunction(local_time, { caller: assistant, executor: user, description: "The local time", parameters: object({ city }) });
  return { chat: await user.initiateChat(assistant, { message: "Weather in Paris and Tokyo, time in Tokyo?" }) };
};
