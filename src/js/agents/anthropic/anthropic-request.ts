/** Translates requests to Anthropic's messages API (AG2: oai/anthropic.py, `oai_messages_to_anthropic_messages`). */

import type { ModelRequest } from "../message/message.js";
import { CallMemory } from "../model-packages/call-memory.js";
import { type Call, type Image, readTurns, textOfParts, type Turn } from "../model-packages/read-messages.js";
import { otherParameters, readResponseFormat, readToolChoice, readTools } from "../model-packages/read-tools.js";
import { cloneData } from "../util/clone-data.js";
import type { Fields } from "../util/fields.js";
import { hasStructuredOutput, jsonInstructions } from "./json-mode.js";

/** A block of a message's content. */
type Block = Fields & { type: string };

interface Message {
  role: "user" | "assistant";
  content: string | Block[];
}

/** The reasoning before tool calls, which the API wants back with them. */
export const thinkingOfCalls: CallMemory<readonly Fields[]> = new CallMemory<readonly Fields[]>();

const CONTINUE = "Please continue.";

/** The body of a request, and whether the model is asked for JSON by its prompt. */
export function anthropicRequest(request: Readonly<ModelRequest>): { body: Fields; isJsonMode: boolean } {
  const { model, stream } = request;
  const turns = readTurns(request.messages);
  const { functions, others } = readTools(request);
  const tools = [...others, ...functions.map(translateTool)];
  const format = readResponseFormat(request["response_format"]);
  const isJsonMode = format !== undefined && !(format.schema && hasStructuredOutput(model ?? ""));
  const systems = turns.flatMap((turn) => (turn.kind === "system" ? [textOfParts(turn.parts, " ")] : []));
  if (isJsonMode) systems.push(jsonInstructions(format.schema));
  const system = systems.filter((text) => text !== "").join("\n");
  const { max_completion_tokens: maxTokens, stop, user, parallel_tool_calls: isParallel } = request;
  const choice = tools.length > 0 ? toolChoice(request["tool_choice"], isParallel !== false) : undefined;
  const body = {
    model,
    max_tokens: request["max_tokens"] ?? maxTokens,
    ...(system !== "" && { system }),
    messages: translateTurns(turns, tools.length > 0),
    ...(tools.length > 0 && { tools }),
    ...(choice !== undefined && { tool_choice: choice }),
    ...(stop != null && { stop_sequences: typeof stop === "string" ? [stop] : stop }),
    ...(user != null && { metadata: { user_id: user } }),
    ...(format?.schema &&
      !isJsonMode && { output_config: { format: { type: "json_schema", schema: accepted(format.schema) } } }),
    ...(stream && { stream }),
    ...otherParameters(request, "max_tokens max_completion_tokens stop user parallel_tool_calls"),
  };
  return { body, isJsonMode };
}

function translateTool({
  name,
  description,
  parameters,
  strict,
}: ReturnType<typeof readTools>["functions"][0]): Fields {
  return {
    name,
    ...(description !== undefined && { description }),
    input_schema: strict ? accepted(parameters) : parameters,
    ...(strict !== undefined && { strict }),
  };
}

function toolChoice(given: unknown, isParallel: boolean): unknown {
  const choice = readToolChoice(given);
  if (choice && "own" in choice) return choice.own;
  if (choice === undefined && isParallel) return undefined;
  const type =
    choice === undefined ? "auto" : "name" in choice ? "tool" : choice.mode === "required" ? "any" : choice.mode;
  return {
    type,
    ...(choice && "name" in choice && { name: choice.name }),
    ...(!isParallel && type !== "none" && { disable_parallel_tool_use: true }),
  };
}

/**
 * A schema without the limits that Anthropic rejects, and with objects closed (AG2: `transform_schema_for_anthropic`).
 */
function accepted(schema: Fields): Fields {
  const removed = ["minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems"];
  const change = (value: unknown, isNamed: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    const fields = value as Fields;
    // The keys of `properties` are names.
    if (!isNamed && !Array.isArray(value)) {
      for (const name of removed) delete fields[name];
      if (fields["type"] === "object") fields["additionalProperties"] ??= false;
    }
    for (const [name, inner] of Object.entries(fields))
      change(inner, !isNamed && ["properties", "$defs", "definitions"].includes(name));
  };
  const copy = cloneData(schema);
  change(copy, false);
  return copy;
}

/** The messages of the API, in which user and assistant take turns, and a user is the last. */
function translateTurns(turns: readonly Turn[], hasTools: boolean): Message[] {
  const messages: Message[] = [];
  const add = (role: Message["role"], content: Message["content"]): void => {
    const expected = messages.length % 2 === 0 ? "user" : "assistant";
    if (expected !== role) messages.push({ role: expected, content: CONTINUE });
    messages.push({ role, content });
  };
  for (const turn of turns) {
    if (turn.kind === "calls") add("assistant", hasTools ? callBlocks(turn.text, turn.calls) : callsAsText(turn.calls));
    else if (turn.kind === "result") {
      const { id: tool_use_id, text: content } = turn;
      const last = messages.at(-1)?.content;
      const block = { type: "tool_result", tool_use_id, content };
      if (!hasTools) add("user", resultAsText(content));
      else if (Array.isArray(last) && last.some(({ type }) => type === "tool_result")) last.push(block);
      else add("user", [block]);
    } else if (turn.kind !== "system" && turn.parts.length > 0) {
      const { kind, parts, isList } = turn;
      add(
        kind,
        isList
          ? parts.map(({ text, image }) => (image ? imageBlock(image) : { type: "text", text }))
          : textOfParts(parts),
      );
    }
  }
  const matched = messages.map((message, index) => withMatches(message, messages[index - 1], messages[index + 1]));
  if (matched.at(-1)?.role !== "user") matched.push({ role: "user", content: CONTINUE });
  return matched;
}

function callBlocks(text: string, calls: readonly Call[]): Block[] {
  const thinking = calls.flatMap(({ id }) => thinkingOfCalls.get(id) ?? []) as Block[];
  const uses = calls.map(({ id, name, input }) => ({ type: "tool_use", id, name, input }));
  return [...thinking, ...(text.trim() === "" ? [] : [{ type: "text", text }]), ...uses];
}

function callsAsText(calls: readonly Call[]): string {
  return `Some internal function(s) that could be used: [${calls.map(({ name }) => name).join(", ")}]`;
}

function resultAsText(content: string): string {
  return `Running the function returned: ${content}`;
}

function imageBlock({ mediaType, base64, url }: Image): Block {
  return base64 === undefined
    ? { type: "image", source: { type: "url", url } }
    : { type: "image", source: { type: "base64", media_type: mediaType, data: base64 } };
}

/**
 * A message whose calls all have a result in the next message, and whose results all have a call in the previous one.
 */
function withMatches({ role, content }: Message, previous: Message | undefined, next: Message | undefined): Message {
  if (!Array.isArray(content)) return { role, content };
  const called = ids(previous, "id");
  const responded = ids(next, "tool_use_id");
  const kept = content.flatMap((block): Block[] => {
    if (block.type === "tool_use") return responded.has(block["id"]) ? [block] : [];
    if (block.type !== "tool_result" || called.has(block["tool_use_id"])) return [block];
    return [{ type: "text", text: resultAsText(String(block["content"])) }];
  });
  const isSpoken = kept.some(({ type }) => !type.endsWith("thinking"));
  return { role, content: isSpoken ? kept : CONTINUE };
}

function ids(message: Message | undefined, name: string): Set<unknown> {
  return new Set(Array.isArray(message?.content) ? message.content.map((block) => block[name]) : []);
}
