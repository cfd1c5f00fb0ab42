/** Streaming of scripted responses. */

import { CompletionStream } from "../models/completion-stream.js";
import { APIConnectionError } from "../util/errors.js";
import type { ModelRequest, ModelResponse, ToolCall } from "../message/message.js";
import type { ModelCallOptions } from "../models/model-client.js";
import { sleep } from "../models/retry.js";
import type { ScriptStep } from "./script.js";

/** The default of `chunk_size`. */
const CHUNK_SIZE = 8;

/**
 * Streams `completion` in chunks, and assembles them again like the HTTP client.
 *
 * @throws APIConnectionError for a step that closes the connection
 */
export async function stream(
  step: ScriptStep,
  completion: ModelResponse,
  request: ModelRequest,
  { signal, onChunk }: ModelCallOptions,
): Promise<ModelResponse> {
  const assembled = new CompletionStream();
  for (const [index, chunk] of chunksOf(step, completion, request).entries()) {
    if (index === step.drop_after_chunks)
      throw new APIConnectionError("the scripted model server broke its answer off before the end");
    if (step.chunk_delay_ms !== undefined) await sleep(step.chunk_delay_ms, signal);
    signal?.throwIfAborted();
    assembled.add(chunk);
    await onChunk?.(chunk);
  }
  return assembled.finish();
}

function chunksOf(
  step: ScriptStep,
  { id, created, model, choices, usage }: ModelResponse,
  request: ModelRequest,
): unknown[] {
  const isUsageWanted = Boolean((request["stream_options"] as { include_usage?: boolean } | undefined)?.include_usage);
  const chunk = (choices: unknown[], usage: unknown = null): unknown => ({
    id,
    created,
    model,
    object: "chat.completion.chunk",
    system_fingerprint: "fp_script",
    choices,
    ...(isUsageWanted && { usage }),
  });
  const deltaChunk = (delta: unknown, finish_reason: string | null = null): unknown =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason }]);
  const { message, finish_reason = "stop" } = choices[0] ?? { message: {} };
  const content = typeof message.content === "string" ? message.content : null;
  const size = step.chunk_size ?? CHUNK_SIZE;
  return [
    deltaChunk({ role: "assistant", content: content === null ? null : "", refusal: null }),
    ...(step.chunks ?? pieces(content ?? "", size)).map((piece) => deltaChunk({ content: piece })),
    ...(message.tool_calls ?? []).flatMap((call, index) =>
      callDeltas(call, index, size).map((delta) => deltaChunk({ tool_calls: [delta] })),
    ),
    ...functionDeltas(message.function_call, size).map((delta) => deltaChunk({ function_call: delta })),
    deltaChunk({}, finish_reason),
    ...(isUsageWanted && usage ? [chunk([], usage)] : []),
  ];
}

function callDeltas(
  { id, type, function: { name, arguments: args } }: ToolCall,
  index: number,
  size: number,
): unknown[] {
  return [
    { index, id, type, function: { name, arguments: "" } },
    ...pieces(args, size).map((piece) => ({ index, function: { arguments: piece } })),
  ];
}

function functionDeltas(call: { name: string; arguments: string } | null | undefined, size: number): unknown[] {
  return call
    ? [{ name: call.name, arguments: "" }, ...pieces(call.arguments, size).map((piece) => ({ arguments: piece }))]
    : [];
}

/** Splits a text by code points, so that no surrogate pair is split. */
function pieces(text: string, size: number): string[] {
  const characters = Array.from(text);
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(""),
  );
}
