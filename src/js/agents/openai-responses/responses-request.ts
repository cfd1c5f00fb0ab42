/** Translates requests to OpenAI's Responses API (AG2: oai/openai_responses.py, `OpenAIResponsesClient.create`). */

import type { ModelRequest } from "../message/message.js";
import { CallMemory } from "../model-packages/call-memory.js";
import { type Part, readTurns, type Turn } from "../model-packages/read-messages.js";
import { otherParameters, readResponseFormat, readToolChoice, readTools } from "../model-packages/read-tools.js";
import { AgentError } from "../util/errors.js";
import type { Fields } from "../util/fields.js";

/** The reasoning before tool calls, which the API wants back with them. */
export const reasoningOfCalls: CallMemory<readonly Fields[]> = new CallMemory<readonly Fields[]>();

/** Tools of OpenAI that AG2 runs on the program's machine. */
const LOCAL_TOOLS = new Set(["apply_patch", "apply_patch_async", "shell"]);

/** The body of a request. @throws AgentError for a tool that would run on this machine */
export function responsesRequest(request: Readonly<ModelRequest>): Fields {
  const { stream, reasoning_effort: effort, verbosity, built_in_tools: builtIn = [] } = request;
  const { functions, others } = readTools(request);
  const tools = [
    ...(builtIn as string[]).map(builtInTool),
    ...others,
    ...functions.map((tool) => ({ type: "function", strict: false, ...defined(tool) })),
  ];
  const choice = tools.length > 0 ? readToolChoice(request["tool_choice"]) : undefined;
  const format = readResponseFormat(request["response_format"]);
  const maxTokens = request["max_tokens"] ?? request["max_completion_tokens"];
  const text = {
    ...(request["text"] as Fields | undefined),
    ...(verbosity != null && { verbosity }),
    ...(format && { format: format.schema ? { type: "json_schema", ...format } : { type: "json_object" } }),
  };
  const reasoning = { ...(request["reasoning"] as Fields | undefined), ...(effort != null && { effort }) };
  return {
    model: request.model,
    input: readTurns(request.messages).flatMap((turn) => translateTurn(turn, request["store"] === false)),
    ...(tools.length > 0 && { tools }),
    ...(choice && { tool_choice: toolChoice(choice) }),
    ...(maxTokens != null && { max_output_tokens: maxTokens }),
    ...(Object.keys(text).length > 0 && { text }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(stream && { stream }),
    ...otherParameters(
      request,
      "max_tokens max_completion_tokens reasoning_effort verbosity text reasoning built_in_tools stream_options",
    ),
  };
}

function builtInTool(type: string): Fields {
  if (LOCAL_TOOLS.has(type))
    throw new AgentError(
      "not_supported",
      `\`${type}\` in \`built_in_tools\` would change this machine: give the agent a tool of your own for it`,
    );
  return { type };
}

function defined(tool: object): Fields {
  return Object.fromEntries(Object.entries(tool).filter(([, value]) => value !== undefined));
}

function toolChoice(choice: NonNullable<ReturnType<typeof readToolChoice>>): unknown {
  if ("own" in choice) return choice.own;
  return "mode" in choice ? choice.mode : { type: "function", name: choice.name };
}

function translateTurn(turn: Turn, isStateless: boolean): Fields[] {
  switch (turn.kind) {
    case "calls": {
      const reasoning = turn.calls.flatMap(({ id }) => reasoningOfCalls.get(id) ?? []);
      return [
        // What the server has not stored it must get encrypted.
        ...reasoning.filter(({ encrypted_content: content }) => !isStateless || content),
        ...(turn.text === "" ? [] : [{ role: "assistant", content: [{ type: "output_text", text: turn.text }] }]),
        ...turn.calls.map(({ id, name, input }) => ({
          type: "function_call",
          call_id: id,
          name,
          arguments: JSON.stringify(input),
        })),
      ];
    }
    case "result":
      return [{ type: "function_call_output", call_id: turn.id, output: turn.text }];
    default: {
      const { kind: role, parts } = turn;
      if (parts.length === 0) return [];
      return [
        {
          role,
          content: parts.map((part) => translatePart(part, role === "assistant" ? "output_text" : "input_text")),
        },
      ];
    }
  }
}

function translatePart({ text, image, detail }: Part & { detail?: string | undefined }, type: string): Fields {
  if (image === undefined) return { type, text };
  return { type: "input_image", image_url: image.url, detail: detail ?? "auto" };
}
