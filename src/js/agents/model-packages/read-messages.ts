/**
 * Reads the messages of a request, which have the shape of OpenAI's chat completions, as turns from which the formats
 * of other APIs are made.
 */

import { type ChatMessage, contentText, type ContentPart, type MessageContent } from "../message/message.js";
import { AgentError } from "../util/errors.js";
import { type Fields, isFields } from "../util/fields.js";

/** An image: its data, or where it is. */
export type Image =
  | { readonly mediaType: string; readonly base64: string; readonly url: string }
  | { readonly mediaType?: undefined; readonly base64?: undefined; readonly url: string };

/** A part of a content. */
export type Part =
  | { readonly text: string; readonly image?: undefined }
  | { readonly text?: undefined; readonly image: Image; readonly detail: string | undefined };

/** A tool call. */
export interface Call {
  readonly id: string;
  readonly name: string;
  /** The arguments; those that are no JSON object are the argument `arguments`. */
  readonly input: Fields;
}

/** One message of a conversation. */
export type Turn =
  | { readonly kind: "system" | "user" | "assistant"; readonly parts: readonly Part[]; readonly isList: boolean }
  | { readonly kind: "calls"; readonly text: string; readonly calls: readonly Call[] }
  | { readonly kind: "result"; readonly id: string; readonly name: string; readonly text: string };

/** The turns of `messages`. @throws AgentError for a content that has other parts than texts and images */
export function readTurns(messages: readonly ChatMessage[]): Turn[] {
  /** The names of the calls so far, by their ids. */
  const names = new Map<string, string>();
  let lastId = "";
  return messages.map((message): Turn => {
    const calls = callsOf(message, names.size);
    if (calls.length > 0) {
      for (const { id, name } of calls) names.set((lastId = id), name);
      return { kind: "calls", text: contentText(message.content), calls };
    }
    const { role = "user", tool_call_id: id, name } = message;
    if (role === "tool" || role === "function" || id != null) {
      const answered = id ?? lastId;
      return {
        kind: "result",
        id: answered,
        name: names.get(answered) ?? name ?? "tool",
        text: contentText(message.content),
      };
    }
    const kind = role === "system" || role === "developer" ? "system" : role === "assistant" ? "assistant" : "user";
    return { kind, parts: partsOf(message.content), isList: Array.isArray(message.content) };
  });
}

/** The text of a turn's parts, without its images. */
export function textOfParts(parts: readonly Part[], separator = "\n"): string {
  return parts.flatMap(({ text }) => text ?? []).join(separator);
}

/** The tool calls in a message; one in the API's old style gets an id. */
function callsOf({ tool_calls: calls, function_call: old }: ChatMessage, count: number): Call[] {
  const given = calls?.length ? calls : old ? [{ id: undefined, function: old }] : [];
  return given.map(({ id, function: { name, arguments: text } }, index) => ({
    id: id ?? `call_${count + index}`,
    name,
    input: parseInput(text),
  }));
}

function parseInput(text: unknown): Fields {
  let input: unknown = text || {};
  try {
    if (typeof input === "string") input = JSON.parse(input) as unknown;
  } catch {
    // The model wrote no JSON; the result of the call says so.
  }
  return isFields(input) ? input : { arguments: input };
}

function partsOf(content: MessageContent | undefined): Part[] {
  if (typeof content === "string") return content === "" ? [] : [{ text: content }];
  return (content ?? []).map(readPart);
}

function readPart(part: ContentPart): Part {
  const { type, text, image_url: image } = part;
  if (typeof text === "string" && image === undefined) return { text };
  const url = typeof image === "string" ? image : image?.url;
  if (typeof url !== "string")
    throw new AgentError(
      "not_supported",
      `a content part of type \`${type}\` cannot be translated for this model: use parts of type \`text\` and ` +
        "`image_url`",
    );
  const detail = typeof image === "object" ? image.detail : (part["detail"] as string | undefined);
  return { image: readImage(url), detail };
}

function readImage(url: string): Image {
  const comma = url.indexOf(",");
  if (!url.startsWith("data:") || comma < 0) return { url };
  const [mediaType = "", ...flags] = url.slice("data:".length, comma).split(";");
  return flags.includes("base64")
    ? { url, mediaType: mediaType || "image/png", base64: url.slice(comma + 1) }
    : { url };
}

/**
 * The data of an image; one that is elsewhere is downloaded (AG2: oai/gemini.py, `get_image_data`).
 *
 * @throws AgentError if that fails
 */
export async function imageData(
  image: Image,
  { fetch: fetchImage = fetch, signal }: { fetch?: typeof fetch | undefined; signal?: AbortSignal | undefined },
): Promise<{ mediaType: string; base64: string }> {
  if (image.base64 !== undefined) return image;
  try {
    const response = await fetchImage(image.url, { signal: signal ?? null });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const [mediaType = ""] = (response.headers.get("content-type") ?? "").split(";");
    let binary = "";
    for (const byte of new Uint8Array(await response.arrayBuffer())) binary += String.fromCharCode(byte);
    return { mediaType: mediaType.startsWith("image/") ? mediaType : "image/png", base64: btoa(binary) };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new AgentError(
      "invalid_message",
      "the image of a message cannot be downloaded, which this API needs: give it as `data:image/png;base64,…`",
      { cause },
    );
  }
}
