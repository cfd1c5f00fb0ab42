/** Translates requests to Ollama's chat API (AG2: oai/ollama.py, `oai_messages_to_ollama_messages`, `parse_params`). */

import type { ModelRequest } from "../message/message.js";
import { imageData, type Part, readTurns, textOfParts, type Turn } from "../model-packages/read-messages.js";
import { otherParameters, readResponseFormat, readTools, withVisibleTools } from "../model-packages/read-tools.js";
import { AgentError } from "../util/errors.js";
import type { Fields } from "../util/fields.js";

/** Parameters of the request itself; all others are options of the model. */
const OF_REQUEST = new Set("think keep_alive logprobs top_logprobs".split(" "));

type Download = Parameters<typeof imageData>[1];

/** The body of a request. */
export async function ollamaRequest(given: Readonly<ModelRequest>, download: Download): Promise<Fields> {
  if ("client_host" in given)
    throw new AgentError("invalid_config", "`client_host` is `baseUrl` of `OllamaClient` here");
  if (given["native_tool_calls"] === false)
    throw new AgentError(
      "not_supported",
      "tools are called by Ollama's own format only: leave `native_tool_calls` out",
    );
  const request = withVisibleTools(given);
  const turns = readTurns(request.messages);
  // As in AG2: a system message at the end, as of a summary, does not work well.
  const last = turns.at(-1);
  if (turns.length > 1 && last?.kind === "system") turns[turns.length - 1] = { ...last, kind: "user" };
  if (last === undefined || last.kind === "assistant" || last.kind === "calls")
    turns.push({ kind: "user", parts: [{ text: "Please continue." }], isList: false });
  const { functions, others } = readTools(request);
  const tools = [...others, ...functions.map((tool) => ({ type: "function", function: described(tool) }))];
  const format = readResponseFormat(request["response_format"]);
  const parameters = Object.entries(
    otherParameters(request, "options max_tokens max_completion_tokens native_tool_calls parallel_tool_calls user"),
  );
  const maxTokens = request["max_tokens"] ?? request["max_completion_tokens"];
  const options = {
    ...(maxTokens != null && { num_predict: maxTokens }),
    ...Object.fromEntries(parameters.filter(([name]) => !OF_REQUEST.has(name))),
    ...(request["options"] as Fields | undefined),
  };
  return {
    model: request.model,
    messages: await Promise.all(turns.map((turn) => translateTurn(turn, download))),
    stream: request.stream ?? false,
    ...(tools.length > 0 && { tools }),
    ...(format && { format: format.schema ?? "json" }),
    ...Object.fromEntries(parameters.filter(([name]) => OF_REQUEST.has(name))),
    ...(Object.keys(options).length > 0 && { options }),
  };
}

function described({ name, description, parameters }: ReturnType<typeof readTools>["functions"][0]): Fields {
  return { name, ...(description !== undefined && { description }), parameters };
}

async function translateTurn(turn: Turn, download: Download): Promise<Fields> {
  switch (turn.kind) {
    case "calls":
      return {
        role: "assistant",
        content: turn.text,
        tool_calls: turn.calls.map(({ name, input }) => ({ function: { name, arguments: input } })),
      };
    case "result":
      return { role: "tool", content: turn.text, tool_name: turn.name };
    default: {
      const images = await imagesOf(turn.parts, download);
      return { role: turn.kind, content: textOfParts(turn.parts), ...(images.length > 0 && { images }) };
    }
  }
}

function imagesOf(parts: readonly Part[], download: Download): Promise<string[]> {
  const images = parts.flatMap(({ image }) => image ?? []);
  return Promise.all(images.map(async (image) => (await imageData(image, download)).base64));
}
