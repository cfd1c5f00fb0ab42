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

/** A mistake in how agents are set up or used; the text names the cure. */
export class AgentError extends Error {
  /** What kind of mistake it is. */
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentError";
    this.code = code;
  }
}

/** The `error` object of an answer of the OpenAI API. */
export interface APIErrorBody {
  message?: string;
  type?: string | null;
  code?: string | number | null;
  param?: string | null;
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
 */
export class APIError extends Error {
  /** The HTTP status, or `undefined` when there was no answer. */
  readonly status: number | undefined;
  /** The server's own code ("context_length_exceeded"), or one of ours: "connection_error", "timeout", "invalid_response". */
  readonly code: string | undefined;
  /** The server's own class of error ("invalid_request_error"). */
  readonly type: string | undefined;
  /** The request parameter the server complains about. */
  readonly param: string | undefined;

  constructor(message: string, details: { status?: number; code?: string; type?: string; param?: string; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.type = details.type;
    this.param = details.param;
    const { status } = details;
    this.name = (status !== undefined && (NAMES_BY_STATUS[status] ?? (status >= 500 ? "InternalServerError" : undefined))) || "APIError";
  }

  /** The error for an answer with an error status, or without a status for one within a stream. */
  static fromAnswer(status: number | undefined, body: APIErrorBody | undefined): APIError {
    const text = body?.message;
    const cure = text && AGENT_NAME_REFUSED.test(text) ? " (the name is an agent's: rename it, with letters, digits, `_` and `-` only)" : "";
    return new APIError(`the model server answered ${status ?? "with an error"}${text ? `: ${text}` : ""}${cure}`, {
      ...(status !== undefined && { status }),
      ...(body?.code != null && { code: String(body.code) }),
      ...(body?.type != null && { type: body.type }),
      ...(body?.param != null && { param: body.param }),
    });
  }
}

/** The model server could not be reached, or broke the connection. */
export class APIConnectionError extends APIError {
  constructor(message: string, details: { code?: string; cause?: unknown } = {}) {
    super(message, { code: "connection_error", ...details });
    this.name = "APIConnectionError";
  }
}

/** The model server took longer than `timeoutMs`. */
export class APITimeoutError extends APIConnectionError {
  constructor(timeoutMs: number) {
    super(`the model server did not answer within ${timeoutMs} ms: raise \`timeoutMs\` in \`llmConfig\` if it needs longer`, { code: "timeout" });
    this.name = "APITimeoutError";
  }
}
