/**
 * Translates requests to the Gemini API (AG2: oai/gemini.py, `GeminiClient.create`,
 * `_oai_messages_to_gemini_messages`).
 */

import type { ModelRequest } from "../message/message.js";
import { CallMemory } from "../model-packages/call-memory.js";
import { imageData, type Part, readTurns, textOfParts, type Turn } from "../model-packages/read-messages.js";
import {
  camelCase,
  otherParameters,
  readResponseFormat,
  readToolChoice,
  readTools,
} from "../model-packages/read-tools.js";
import { AgentError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** A turn of the API. */
interface Content {
  role: "user" | "model";
  parts: Fields[];
}

/** The signatures of the reasoning before tool calls, which newer models require back. */
export const signatureOfCalls: CallMemory<string> = new CallMemory<string>();

/** What Google's documentation offers for calls whose signature is unknown, as those of another vendor's model. */
const NO_SIGNATURE = "skip_thought_signature_validator";

const PREFER_TOOLS = "When tools are provided, prefer using them over generating code.";
/** AG2's tool that stands for Google's own search. */
const SEARCH = "prebuilt_google_search";

/** OpenAI's names of parameters, and AG2's, with Google's. */
const RENAMED: Readonly<Record<string, string>> = {
  max_tokens: "maxOutputTokens",
  max_completion_tokens: "maxOutputTokens",
  n: "candidateCount",
  stop: "stopSequences",
};
const OF_THINKING: Readonly<Record<string, string>> = {
  include_thoughts: "includeThoughts",
  thinking_budget: "thinkingBudget",
  thinking_level: "thinkingLevel",
};

type Download = Parameters<typeof imageData>[1];

/** The request as the package takes it. */
export async function geminiRequest(request: Readonly<ModelRequest>, download: Download): Promise<Fields> {
  const [first, ...rest] = readTurns(request.messages);
  const isSystem = first?.kind === "system";
  const instruction = isSystem ? textOfParts(first.parts).trim() : "";
  const tools = translateTools(request);
  const choice = readToolChoice(request["tool_choice"]);
  const format = readResponseFormat(request["response_format"]);
  const config: Fields = {};
  const thinking: Fields = {};
  for (const [name, value] of Object.entries(otherParameters(request, "user parallel_tool_calls"))) {
    const ofThinking = OF_THINKING[name];
    if (ofThinking !== undefined) thinking[ofThinking] = value;
    else config[RENAMED[name] ?? camelCase(name)] = name === "stop" && typeof value === "string" ? [value] : value;
  }
  return {
    model: request.model,
    contents: await translateTurns(isSystem || first === undefined ? rest : [first, ...rest], download),
    config: {
      ...config,
      ...(instruction && { systemInstruction: tools.length > 0 ? `${PREFER_TOOLS}\n\n${instruction}` : instruction }),
      ...(tools.length > 0 && { tools }),
      ...(choice && tools.length > 0 && { toolConfig: toolConfig(choice) }),
      ...(Object.keys(thinking).length > 0 && { thinkingConfig: thinking }),
      ...(format && { responseMimeType: "application/json" }),
      ...(format?.schema && { responseJsonSchema: format.schema }),
    },
  };
}

function translateTools(request: Readonly<ModelRequest>): Fields[] {
  const { functions, others } = readTools(request);
  if (functions.some(({ name }) => name === SEARCH)) {
    if (functions.length + others.length > 1)
      throw new AgentError("invalid_config", `\`${SEARCH}\` can be used by itself only: remove the other tools`);
    return [{ googleSearch: {} }];
  }
  const functionDeclarations = functions.map(({ name, description, parameters }) => ({
    name,
    ...(description !== undefined && { description }),
    // As in AG2, a function without parameters has no schema: the API accepts no empty object.
    ...(Object.keys(parameters["properties"] ?? {}).length > 0 && { parametersJsonSchema: parameters }),
  }));
  return [...others, ...(functionDeclarations.length > 0 ? [{ functionDeclarations }] : [])];
}

function toolConfig(choice: NonNullable<ReturnType<typeof readToolChoice>>): unknown {
  if ("own" in choice) return choice.own;
  if ("name" in choice) return { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [choice.name] } };
  return { functionCallingConfig: { mode: { auto: "AUTO", none: "NONE", required: "ANY" }[choice.mode] } };
}

/** The turns of the API, of which the user's are the first and the last. */
async function translateTurns(turns: readonly Turn[], download: Download): Promise<Content[]> {
  const contents: Content[] = [];
  for (const turn of turns) {
    const last = contents.at(-1);
    if (turn.kind === "calls") contents.push({ role: "model", parts: callParts(turn) });
    else if (turn.kind === "result") {
      const functionResponse = { name: turn.name, response: { result: jsonOrText(turn.text) } };
      // The API requires the results of parallel calls in one turn.
      if (last?.parts.some((part) => "functionResponse" in part)) last.parts.push({ functionResponse });
      else contents.push({ role: "user", parts: [{ functionResponse }] });
    } else {
      const parts = await Promise.all(turn.parts.map((part) => translatePart(part, download)));
      // The API accepts no empty content.
      contents.push({
        role: turn.kind === "assistant" ? "model" : "user",
        parts: parts.length > 0 ? parts : [{ text: "empty" }],
      });
    }
  }
  if (contents[0]?.role !== "user") contents.unshift({ role: "user", parts: [{ text: "start chat" }] });
  if (contents.at(-1)?.role !== "user") contents.push({ role: "user", parts: [{ text: "continue" }] });
  return contents;
}

function callParts({ text, calls }: Turn & { kind: "calls" }): Fields[] {
  const parts = calls.map(({ id, name, input }, index) => {
    // Of parallel calls the first has the signature.
    const signature = signatureOfCalls.get(id) ?? (index === 0 ? NO_SIGNATURE : undefined);
    return { functionCall: { name, args: input }, ...(signature !== undefined && { thoughtSignature: signature }) };
  });
  return text === "" ? parts : [{ text }, ...parts];
}

async function translatePart({ text, image }: Part, download: Download): Promise<Fields> {
  if (image === undefined) return { text };
  const { mediaType: mimeType, base64: data } = await imageData(image, download);
  return { inlineData: { mimeType, data } };
}

function jsonOrText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) || Array.isArray(value) || typeof value !== "string" ? value : text;
  } catch {
    return text;
  }
}
