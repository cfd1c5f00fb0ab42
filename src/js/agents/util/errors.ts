/** The errors of this library. Each has a `code` that does not change when its text does. */

/** The kinds of mistakes in the use of the library. */
export type AgentErrorCode =
  | "agent_name_conflict"
  | "interrupted"
  | "invalid_config"
  | "invalid_message"
  | "invalid_name"
  | "invalid_hook"
  | "invalid_option"
  | "invalid_response"
  | "invalid_trigger"
  | "missing_human_input"
  | "missing_llm_config"
  | "missing_sender"
  | "no_eligible_speaker"
  | "no_history"
  | "not_supported"
  | "refusal"
  | "script"
  | "tool_arguments"
  | "tool_name_conflict"
  | "tool_not_found"
  | "undefined_next_agent";

/**
 * A mistake in the configuration or use of agents; the text names the fix.
 *
 * @example
 * try {
 *   await user.initiateChat(assistant, { message: "Hello." });
 * } catch (error) {
 *   if (error instanceof AgentError && error.code === "missing_human_input") console.log("no person can be asked");
 *   else throw error;
 * }
 */
export class AgentError extends Error {
  /** The kind of mistake. */
  declare readonly code: AgentErrorCode;

  /** Creates an error. Executors, tools and clients of your own may throw one too. */
  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentError";
    this.code = code;
  }
}

/** The error for an option with an invalid value. */
export function invalidOption(option: string, wanted: string): AgentError {
  return new AgentError("invalid_option", `\`${option}\` must be ${wanted}`);
}

/** The message of an error, or the text of any other thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether `value` is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** The `error` object in a response of the OpenAI API. */
export interface APIErrorBody {
  /** The error message. */
  message?: string;
  /** The class of error, such as "invalid_request_error". */
  type?: string | null;
  /** The error code, such as "context_length_exceeded"; some servers repeat the HTTP status here. */
  code?: string | number | null;
  /** The request parameter that caused the error. */
  param?: string | null;
  /** Other fields that a server adds. */
  [key: string]: unknown;
}

/** The class names of OpenAI's libraries (Python and JavaScript) for errors by status, which users search for. */
const NAMES_BY_STATUS: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  409: "ConflictError",
  422: "UnprocessableEntityError",
  429: "RateLimitError",
};

/** The message with which OpenAI rejects an agent's name (AG2: oai/client.py, `_is_agent_name_error_message`). */
const AGENT_NAME_REFUSED = /^Invalid 'messages\[\d+\]\.name': string does not match pattern/;

/**
 * An error of a model server: it rejected a request, could not be reached, or sent an invalid
 * response. After one of these, `OpenAIWrapper` tries the next entry of `configList`
 * (AG2: oai/client.py, `OpenAIWrapper.create`; openai/_exceptions.py).
 *
 * @example
 * try {
 *   await user.initiateChat(assistant, { message: "Hello." });
 * } catch (error) {
 *   if (!(error instanceof APIError && error.status === 429)) throw error;
 *   console.log("too many requests: wait, or add a model to `configList`");
 * }
 * @example
 * // In a model client of your own: makes the next entry of `configList` be tried.
 * const offline: ModelClient = {
 *   create: async () => {
 *     throw new APIError("the model is being updated", { status: 503 });
 *   },
 * };
 */
export class APIError extends Error {
  /** The HTTP status, or `undefined` if there was no response. */
  declare readonly status: number | undefined;
  /** The server's code, or "connection_error", "timeout" or "invalid_response". */
  declare readonly code: string | undefined;
  /** The server's class of error ("invalid_request_error"). */
  declare readonly type: string | undefined;
  /** The request parameter that caused the error. */
  declare readonly param: string | undefined;

  /** Creates an error, in a model client of your own. The error's name ("RateLimitError") follows from `status`. */
  constructor(message: string, { cause, ...details }: APIErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    const { status = 0 } = details;
    Object.assign(this, details);
    this.name = NAMES_BY_STATUS[status] ?? (status >= 500 ? "InternalServerError" : "APIError");
  }

  /** The error for a response with an error status, or, without a status, for an error within a stream. */
  static fromAnswer(status: number | undefined, body: APIErrorBody = {}): APIError {
    const { message: text } = body;
    const hint =
      text && AGENT_NAME_REFUSED.test(text)
        ? " (the name is an agent's: rename it, with letters, digits, `_` and `-` only)"
        : "";
    return new APIError(`the model server answered ${status ?? "with an error"}${text ? `: ${text}` : ""}${hint}`, {
      status,
      ...errorFields(body),
    });
  }
}

/** The fields of an error of OpenAI's API, as texts. */
export function errorFields(error: object): APIErrorDetails {
  const text = (name: string): string | undefined => {
    const value = (error as Readonly<Record<string, unknown>>)[name];
    return value == null ? undefined : String(value);
  };
  return { code: text("code"), type: text("type"), param: text("param") };
}

/** The details of a failed request. */
export interface APIErrorDetails {
  /** The HTTP status. */
  status?: number | undefined;
  /** See `APIError.code`. */
  code?: string | undefined;
  /** See `APIError.type`. */
  type?: string | undefined;
  /** See `APIError.param`. */
  param?: string | undefined;
  /** The underlying error, such as that of `fetch`. */
  cause?: unknown;
}

/** The error for a response that is no completion. */
export function invalidResponse(what: string, cause?: unknown): APIError {
  return new APIError(`the model server's ${what}: check that \`baseUrl\` leads to an OpenAI-compatible API`, {
    code: "invalid_response",
    cause,
  });
}

/**
 * An error of the connection: the model server could not be reached, or closed the connection.
 *
 * @example
 * const isOffline = (error: unknown): boolean =>
 *   error instanceof APIConnectionError && !(error instanceof APITimeoutError);
 */
export class APIConnectionError extends APIError {
  /** Creates an error, in a model client of your own; `code` is "connection_error" if not given. */
  constructor(message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "connection_error", ...details });
    this.name = "APIConnectionError";
  }
}

/**
 * A timeout: the model server took longer than `timeoutMs`.
 *
 * @example
 * const hasty = new AssistantAgent({ name: "hasty", llmConfig: { ...llmConfig, timeoutMs: 5_000, maxRetries: 0 } });
 * await user.initiateChat(hasty, { message: "Hello." }).catch((error: unknown) => {
 *   if (!(error instanceof APITimeoutError)) throw error;
 * });
 */
export class APITimeoutError extends APIConnectionError {
  /** Creates an error, in a model client of your own. */
  constructor(timeoutMs: number) {
    super(
      `the model server did not answer within ${timeoutMs} ms: raise \`timeoutMs\` in \`llmConfig\` if it needs longer`,
      { code: "timeout" },
    );
    this.name = "APITimeoutError";
  }
}
