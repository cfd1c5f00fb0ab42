/** An adapter for clients like OpenAI's, with `chat.completions.create` (AG2: oai/client.py, `OpenAIClient`). */

import { fillCompletion } from "./completion.js";
import { CompletionStream } from "./completion-stream.js";
import { APIError, errorFields } from "../util/errors.js";
import type { ModelRequest, ModelResponse } from "../message/message.js";
import type { ModelClient } from "./model-client.js";
import { givenFields } from "../util/fields.js";
import { prepareRequest } from "./openai-request.js";

/**
 * A client like those of the npm package `openai` (`new OpenAI()`, `new AzureOpenAI()`) and of
 * compatible libraries. Its keys, addresses and proxies are configured in the client.
 */
export interface OpenAIShapedClient {
  /** The chat API of the client. */
  readonly chat: {
    /** The completions API of the client. */
    readonly completions: {
      /** Calls the model. */
      create(request: never, options?: never): unknown;
    };
  };
}

/** The settings of `llmConfig` that such a client gets with each request. */
export interface ShapedCallSettings {
  maxRetries?: number | undefined;
  timeoutMs?: number | undefined;
}

type Create = (
  request: Readonly<ModelRequest>,
  options: { signal?: AbortSignal; maxRetries?: number; timeout?: number },
) => unknown;

/** Whether `client` has that shape. */
export function isOpenAIShaped(client: object): client is OpenAIShapedClient {
  return typeof (client as { chat?: { completions?: { create?: unknown } } }).chat?.completions?.create === "function";
}

/** Adapts such a client to `ModelClient`. */
export function openAIShaped(
  { chat: { completions } }: OpenAIShapedClient,
  { maxRetries, timeoutMs: timeout }: ShapedCallSettings,
): ModelClient {
  return {
    prepare: prepareRequest,
    /** @throws APIError for an error of the server (the client's error is the `cause`), or the reason of `signal` */
    async create(request, { signal, onChunk }) {
      try {
        const response = await (completions.create as unknown as Create).call(
          completions,
          prepareRequest(request),
          givenFields({ signal, maxRetries, timeout }),
        );
        if (!isStream(response)) return readResponse(response);
        const stream = new CompletionStream();
        for await (const chunk of response) {
          stream.add(chunk);
          await onChunk?.(chunk);
        }
        return stream.finish();
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw toAPIError(error);
      }
    },
  };
}

function readResponse(response: unknown): ModelResponse {
  if (!Array.isArray((response as { choices?: unknown } | null)?.choices)) {
    throw new APIError(
      "the model client's answer has no `choices`: give a `client` whose `chat.completions.create` answers " +
        "as OpenAI's does",
      { code: "invalid_response" },
    );
  }
  return fillCompletion(response as object);
}

function isStream(response: unknown): response is AsyncIterable<unknown> {
  return Symbol.asyncIterator in Object(response);
}

/**
 * Converts the client's errors about a response, which all have the property `status`, so that the
 * next entry of `configList` is tried. Other errors are returned unchanged.
 */
function toAPIError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof APIError || !("status" in error)) return error;
  const { status } = error;
  const converted = new APIError(error.message, {
    status: typeof status === "number" ? status : undefined,
    ...errorFields(error),
    cause: error,
  });
  // Without a status there was no response.
  if (typeof status !== "number") converted.name = "APIConnectionError";
  return converted;
}
