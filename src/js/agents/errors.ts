/** The errors of this library. Each carries a `code` that stays the same when its text gets better. */

/** What can be wrong with how the library is used. */
export type AgentErrorCode =
  | "agent_name_conflict"
  | "interrupted"
  | "invalid_config"
  | "invalid_message"
  | "invalid_name"
  | "invalid_hook"
  | "invalid_option"
  | "invalid_trigger"
  | "missing_human_input"
  | "missing_llm_config"
  | "missing_sender"
  | "no_eligible_speaker"
  | "no_history"
  | "not_supported"
  | "script"
  | "tool_arguments"
  | "tool_not_found"
  | "undefined_next_agent";

/**
 * A mistake in how agents are set up or used; the text names the cure.
 *
 * @example
 * try {
 *   await user.initiateChat(assistant, { message: "Hello." });
 * } catch (error) {
 *   if (error instanceof AgentError && error.code === "missing_human_input") console.log("nobody is there to answer");
 *   else throw error;
 * }
 */
export class AgentError extends Error {
  /** What kind of mistake it is. */
  declare readonly code: AgentErrorCode;

  /** Made by this library; an executor, tool or client of your own may throw one as well. */
  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentError";
    this.code = code;
  }
}

/** The error for an option that is not what it must be. */
export function mustBe(option: string, wanted: string): AgentError {
  return new AgentError("invalid_option", `\`${option}\` must be ${wanted}`);
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether `value` is a whole number from 0 on. */
export function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

/** The `error` object of an answer of the OpenAI API. */
export interface APIErrorBody {
  /** What went wrong, for people. */
  message?: string;
  /** The class of error, such as "invalid_request_error". */
  type?: string | null;
  /** The error by itself, such as "context_length_exceeded"; some servers repeat the HTTP status here. */
  code?: string | number | null;
  /** The request parameter that is to blame. */
  param?: string | null;
  /** Whatever else the server says. */
  [key: string]: unknown;
}

/** The class names that OpenAI's libraries (Python and JavaScript) give to refused requests; they are what users search for. */
const NAMES_BY_STATUS: Readonly<Record<number, string>> = {
  400: "BadRequestError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  409: "ConflictError",
  422: "UnprocessableEntityError",
  429: "RateLimitError",
};

/** How OpenAI refuses the name of an agent (AG2: oai/client.py, `_is_agent_name_error_message`). */
const AGENT_NAME_REFUSED = /^Invalid 'messages\[\d+\]\.name': string does not match pattern/;

/**
 * A model server refused a request, could not be reached, or answered something unreadable.
 * `OpenAIWrapper` goes on to the next entry of `configList` after one of these
 * (AG2: oai/client.py, `OpenAIWrapper.create`; openai/_exceptions.py).
 *
 * @example
 * try {
 *   await user.initiateChat(assistant, { message: "Hello." });
 * } catch (error) {
 *   if (error instanceof APIError && error.status === 429) console.log("too many requests: wait, or add a model to `configList`");
 *   else throw error;
 * }
 * @example
 * // In a model client of your own: lets the next entry of `configList` try.
 * const offline: ModelClient = {
 *   create: async () => {
 *     throw new APIError("the model is being updated", { status: 503 });
 *   },
 * };
 */
export class APIError extends Error {
  /** The HTTP status, or `undefined` when there was no answer. */
  declare readonly status: number | undefined;
  /** The server's own code ("context_length_exceeded"), or one of ours: "connection_error", "timeout", "invalid_response". */
  declare readonly code: string | undefined;
  /** The server's own class of error ("invalid_request_error"). */
  declare readonly type: string | undefined;
  /** The request parameter the server complains about. */
  declare readonly param: string | undefined;

  /** For a model client of your own; `status` decides about the error's name ("RateLimitError"). */
  constructor(message: string, { cause, ...details }: APIErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause });
    const { status = 0 } = details;
    Object.assign(this, details);
    this.name = NAMES_BY_STATUS[status] ?? (status >= 500 ? "InternalServerError" : "APIError");
  }

  /** The error for an answer with an error status, or without a status for one within a stream. */
  static fromAnswer(status: number | undefined, body: APIErrorBody = {}): APIError {
    const { message: text, code, type, param } = body;
    const cure = text && AGENT_NAME_REFUSED.test(text) ? " (the name is an agent's: rename it, with letters, digits, `_` and `-` only)" : "";
    return new APIError(`the model server answered ${status ?? "with an error"}${text ? `: ${text}` : ""}${cure}`, {
      status,
      code: code == null ? undefined : String(code),
      type: type ?? undefined,
      param: param ?? undefined,
    });
  }
}

/** What is known of a failed request. */
export interface APIErrorDetails {
  /** The HTTP status. */
  status?: number | undefined;
  /** As `APIError.code`. */
  code?: string | undefined;
  /** As `APIError.type`. */
  type?: string | undefined;
  /** As `APIError.param`. */
  param?: string | undefined;
  /** The error behind it, such as that of `fetch`. */
  cause?: unknown;
}

/** The error for what a model server says in place of a completion. */
export function unreadable(what: string, cause?: unknown): APIError {
  return new APIError(`the model server's ${what}: check that \`baseUrl\` leads to an OpenAI-compatible API`, { code: "invalid_response", cause });
}

/**
 * The model server could not be reached, or broke the connection.
 *
 * @example
 * const isOffline = (error: unknown): boolean => error instanceof APIConnectionError && !(error instanceof APITimeoutError);
 */
export class APIConnectionError extends APIError {
  /** For a model client of your own; `code` is "connection_error" if not given. */
  constructor(message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "connection_error", ...details });
    this.name = "APIConnectionError";
  }
}

/**
 * The model server took longer than `timeoutMs`.
 *
 * @example
 * const hasty = new AssistantAgent({ name: "hasty", llmConfig: { ...llmConfig, timeoutMs: 5_000, maxRetries: 0 } });
 * await user.initiateChat(hasty, { message: "Hello." }).catch((error: unknown) => {
 *   if (!(error instanceof APITimeoutError)) throw error;
 * });
 */
export class APITimeoutError extends APIConnectionError {
  /** For a model client of your own, whose limit was `timeoutMs`. */
  constructor(timeoutMs: number) {
    super(`the model server did not answer within ${timeoutMs} ms: raise \`timeoutMs\` in \`llmConfig\` if it needs longer`, { code: "timeout" });
    this.name = "APITimeoutError";
  }
}
