/** Translates requests to Mistral's chat API (AG2: oai/mistral.py, `MistralAIClient.parse_params`). */

import type { ModelRequest } from "../message/message.js";
import { type Part, readTurns, textOfParts, type Turn } from "../model-packages/read-messages.js";
import {
  camelCase,
  otherParameters,
  readResponseFormat,
  readToolChoice,
  readTools,
  withVisibleTools,
} from "../model-packages/read-tools.js";
import type { Fields } from "../util/fields.js";

/** Parameters of OpenAI's API that have another name in Mistral's. */
const RENAMED: Readonly<Record<string, string>> = { max_completion_tokens: "maxTokens", seed: "randomSeed" };

/** The request as the package takes it, in camelCase. */
export function mistralRequest(given: Readonly<ModelRequest>): Fields {
  const request = withVisibleTools(given);
  const { functions, others } = readTools(request);
  const tools = [...others, ...functions.map((tool) => ({ type: "function", function: tool }))];
  const choice = tools.length > 0 ? readToolChoice(request["tool_choice"]) : undefined;
  const format = readResponseFormat(request["response_format"]);
  const parameters = Object.entries(otherParameters(request, "user"));
  return {
    model: request.model,
    messages: translateTurns(readTurns(request.messages)),
    ...Object.fromEntries(parameters.map(([name, value]) => [RENAMED[name] ?? camelCase(name), value])),
    ...(tools.length > 0 && { tools }),
    ...(choice && { toolChoice: toolChoice(choice) }),
    ...(format && { responseFormat: responseFormat(format) }),
  };
}

function toolChoice(choice: NonNullable<ReturnType<typeof readToolChoice>>): unknown {
  if ("own" in choice) return choice.own;
  return "mode" in choice ? choice.mode : { type: "function", function: { name: choice.name } };
}

function responseFormat({ name, schema, strict }: NonNullable<ReturnType<typeof readResponseFormat>>): Fields {
  if (schema === undefined) return { type: "json_object" };
  return { type: "json_schema", jsonSchema: { name, schemaDefinition: schema, strict } };
}

/** The messages of the API, of which a user's or a tool's is the last. */
function translateTurns(turns: readonly Turn[]): Fields[] {
  const messages: Fields[] = [];
  for (const turn of turns) {
    // As in AG2: a system message cannot follow one of the assistant.
    const isLate = turn.kind === "system" && messages.at(-1)?.["role"] === "assistant";
    messages.push(translateTurn(isLate ? { ...turn, kind: "user" } : turn));
  }
  const { role } = messages.at(-1) ?? {};
  if (role !== "user" && role !== "tool") messages.push({ role: "user", content: "Please continue." });
  return messages;
}

function translateTurn(turn: Turn): Fields {
  switch (turn.kind) {
    case "calls":
      return {
        role: "assistant",
        content: turn.text,
        toolCalls: turn.calls.map(({ id, name, input }) => ({
          id: acceptedId(id),
          function: { name, arguments: input },
        })),
      };
    case "result":
      return { role: "tool", name: turn.name, content: turn.text, toolCallId: acceptedId(turn.id) };
    default: {
      const { kind, parts, isList } = turn;
      return { role: kind, content: isList ? parts.map(chunk) : textOfParts(parts) };
    }
  }
}

function chunk({ text, image, detail }: Part & { detail?: string | undefined }): Fields {
  if (image === undefined) return { type: "text", text };
  return { type: "image_url", imageUrl: { url: image.url, ...(detail !== undefined && { detail }) } };
}

/**
 * An id as Mistral accepts it, nine letters and digits; another one, of another vendor's call, is replaced by a hash.
 */
function acceptedId(id: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(id)) return id;
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.charCodeAt(0)) % 101_559_956_668_416;
  return hash.toString(36).padStart(9, "0");
}
