/** Clients made by others that have the shape of OpenAI's: `chat.completions.create` (AG2: oai/client.py, `OpenAIClient`, which wraps such a client). */

import { fillCompletion } from "./completion.js";
import { CompletionStream } from "./completion-stream.js";
import { APIError } from "./errors.js";
import type { ModelRequest, ModelResponse } from "./message.js";
import type { ModelClient } from "./model-client.js";
import { prepareRequest } from "./openai-request.js";

/**
 * A client like those of the npm package `openai` (`new OpenAI()`, `new AzureOpenAI()`) and of the
 * libraries that imitate it. Its keys, addresses and proxies are its own business.
 */
export interface OpenAIShapedClient {
  /** Where the client has its method for completions. */
  readonly chat: {
    /** What has the method `create`, which is called as its method. */
    readonly completions: {
      /** Asks the model. */
      create(request: never, options?: never): unknown;
    };
  };
}

/** Settings of `llmConfig` that such a client takes with each request. */
export interface ShapedCallSettings {
  maxRetries?: number | undefined;
  timeoutMs?: number | undefined;
}

type Create = (request: Readonly<ModelRequest>, options: { signal?: AbortSignal; maxRetries?: number; timeout?: number }) => unknown;

/** Whether `client` has that shape. */
export function isOpenAIShaped(client: object): client is OpenAIShapedClient {
  return typeof (client as { chat?: { completions?: { create?: unknown } } }).chat?.completions?.create === "function";
}

/** The agents' view of such a client. */
export function openAIShaped({ chat: { completions } }: OpenAIShapedClient, { maxRetries, timeoutMs: timeout }: ShapedCallSettings): ModelClient {
  return {
    prepare: prepareRequest,
    /** @throws APIError for what the client says the server refused (its own error is the `cause`), or the reason of `signal` */
    async create(request, { signal, onChunk }) {
      const given = Object.entries({ signal, maxRetries, timeout }).filter(([, value]) => value !== undefined);
      try {
        const answer = await (completions.create as unknown as Create).call(completions, prepareRequest(request), Object.fromEntries(given));
        if (!isStream(answer)) return read(answer);
        const stream = new CompletionStream();
        for await (const chunk of answer) {
          stream.add(chunk);
          await onChunk?.(chunk);
        }
        return stream.finish();
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw asOurs(error);
      }
    },
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function read(answer: unknown): ModelResponse {
  if (!Array.isArray((answer as { choices?: unknown } | null)?.choices)) {
    throw new APIError("the model client's answer has no `choices`: give a `client` whose `chat.completions.create` answers as OpenAI's does", { code: "invalid_response" });
  }
  return fillCompletion(answer as object);
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}

/** Errors about an answer have a `status`, if only an empty one; that is how they let the next entry of `configList` try. Mistakes of the program stay as they are. */
function asOurs(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof APIError || !("status" in error)) return error;
  const { status, code, type, param } = error as { status?: unknown; code?: unknown; type?: unknown; param?: unknown };
  const ours = new APIError(error.message, {
    status: typeof status === "number" ? status : undefined,
    code: code == null ? undefined : String(code),
    type: text(type),
    param: text(param),
    cause: error,
  });
  // Without a status there was no answer.
  if (typeof status !== "number") ours.name = "APIConnectionError";
  return ours;
}
