/**
 * Open spans: the objects by which a program sets attributes and the like. Names and meaning are those of
 * `LiveSpan` in MLflow's TypeScript SDK (entities/span.ts).
 */

import type { Scope } from "../agents/observe/observer.js";
import type { HrTime, SpanEvent, SpanLink, SpanStatus, TokenUsage } from "../reading/trace.js";
import { checkedLogLevel, type SpanLogLevel, type SpanLogLevelName } from "./log-level.js";
import type { SpanStatusCode, SpanStatusObject, SpanType } from "./names.js";
import { checkedStatus } from "./status.js";
import { checkOptions, type OptionRules } from "../util/options.js";

/**
 * Something that can be a parent: a manual span, or the `context` that tools and other callbacks of agents
 * receive.
 */
export interface SpanParent {
  /** The scope of the operation; `undefined`: no parent is given. */
  readonly scope?: Scope | undefined;
}

/** The options of `end()`. */
export interface EndOptions {
  /** As for `setOutputs`. */
  outputs?: unknown;
  /** As for `setAttributes`. */
  attributes?: Readonly<Record<string, unknown>>;
  /** As for `setStatus`. Default: OK, unless an error was set before. */
  status?: SpanStatusCode | SpanStatusObject;
  /** As `startTimeNs` of `startSpan`. */
  endTimeNs?: number | bigint;
}

/** A message in the shape of OpenAI's chat completions. */
export interface SpanChatMessage {
  /** "system", "user", "assistant" or "tool". */
  readonly role: string;
  /** The text, or parts such as `{ type: "text", text }`. */
  readonly content?: unknown;
  /** Further fields: `tool_calls`, `tool_call_id`, `name`, … */
  readonly [field: string]: unknown;
}

/** The options of `setChatMessages`. */
export interface ChatMessagesOptions {
  /** The tools that the model could call, in the shape of OpenAI's (`mlflow.chat.tools`). */
  readonly tools?: readonly object[];
  /**
   * The format of the span's inputs and outputs, by MLflow's name, such as "openai", "anthropic" or "langchain"
   * (`mlflow.message.format`): how MLflow reads messages from them.
   */
  readonly format?: string;
}

/** An event at one moment of a span. */
export interface LiveSpanEvent {
  /** The name of the event, such as "cache miss". */
  readonly name: string;
  /** The attributes of the event by key. Captured at once. */
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** As `startTimeNs` of `startSpan`. */
  readonly timestamp?: number | bigint;
}

/**
 * An open span. After `end()` no method has an effect. None throws, but for a status that is none (`setStatus`, `end`),
 * which could record a failure as a success, for an invalid log level, and for an option that `end` does not know.
 *
 * What it was given can be read from it as it is recorded (as JSON, with secrets masked), before `redact`: while it is
 * open, and after its end for as long as memory holds its trace, which is the last hundred traces; after that it reads
 * as a span that records nothing.
 *
 * A span is also a `context` for agents: operations that are started with it become part of it.
 *
 * @example
 * const span = startSpan({ name: "plan a trip" });
 * await user.initiateChat(guide, { message: "Two days in Lisbon.", context: span });
 * span.end({ outputs: "done" });
 */
export interface LiveSpan extends SpanParent {
  /** The name that it was started with; "" if nothing is recorded. */
  readonly name: string;
  /** "tr-" and 32 hexadecimal digits, for `getTrace`. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** The id of the parent span; `null` for the root of a trace. */
  readonly parentId: string | null;
  /** Its scope, for agents (`context`) and further spans (`parent`); `undefined` if nothing is recorded. */
  readonly scope: Scope | undefined;

  /** The type; "UNKNOWN" if it has none. */
  readonly spanType: string;
  /** The inputs; `undefined` if there are none, `null` if nothing is recorded. */
  readonly inputs: unknown;
  /** The outputs, as `inputs`. */
  readonly outputs: unknown;
  /** The attributes by key, as data, inputs and outputs among them. A copy. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The status; "UNSET" until one is set, or the span has ended. */
  readonly status: SpanStatus;
  /** The events, the oldest first. A copy. */
  readonly events: readonly SpanEvent[];
  /** The links, the oldest first. A copy. */
  readonly links: readonly SpanLink[];
  /** The log level (`SpanLogLevel`); `null` if nothing is recorded. */
  readonly logLevel: number | null;
  /** Nanoseconds since 1970; 0 if nothing is recorded. */
  readonly startTimeNs: bigint;
  /** Nanoseconds since 1970; `undefined` while the span is open. */
  readonly endTimeNs: bigint | undefined;
  /** The start time, as OpenTelemetry has it. */
  readonly startTime: HrTime;
  /** The end time, as OpenTelemetry has it; `null` while the span is open. */
  readonly endTime: HrTime | null;
  /** The attribute with this key, as data; `undefined` if there is none. */
  getAttribute(key: string): unknown;

  /** Sets the inputs, in place of previous ones; `null` is a value too. Captured at once. */
  setInputs(inputs: unknown): void;
  /** Sets the outputs, in place of previous ones; `null` is a value too. Captured at once. */
  setOutputs(outputs: unknown): void;
  /** Sets the type, such as "RETRIEVER". */
  setSpanType(spanType: SpanType): void;
  /** Sets one attribute, in place of a previous one with this key. Captured at once. */
  setAttribute(key: string, value: unknown): void;
  /** Sets several attributes, each as by `setAttribute`. */
  setAttributes(attributes: Readonly<Record<string, unknown>>): void;
  /**
   * Sets the token counts of a model call, in place of previous ones (`mlflow.chat.tokenUsage`). As in MLflow,
   * `input_tokens` includes what the provider read from its cache or wrote to it, a missing `total_tokens` is the sum
   * of the other two, and the counts of a span include those of the spans below it: a trace sums the outermost ones.
   */
  setTokenUsage(usage: Readonly<Partial<TokenUsage>>): void;
  /**
   * Sets the model that was called, and who serves it (`mlflow.llm.model`, `mlflow.llm.provider`), by the names of
   * MLflow's price list, such as "gpt-4o-mini" and "openai": MLflow computes the cost from them and the token counts.
   */
  setModel(model: string, provider?: string): void;
  /**
   * Sets the conversation that MLflow shows in its chat view (`mlflow.chat.messages`), in place of a previous one: the
   * messages in the shape of OpenAI's chat completions, the answer of the model as the last one. Captured at once.
   */
  setChatMessages(messages: readonly SpanChatMessage[], options?: ChatMessagesOptions): void;
  /**
   * Sets the status: "OK", "ERROR" or "UNSET", in any case, also with "STATUS_CODE_" before it, or an object with such
   * a code and a description. `description` is the error message.
   *
   * @throws MlflowAg2Error `invalid_argument` for any other status.
   */
  setStatus(status: SpanStatusCode | SpanStatusObject, description?: string): void;
  /**
   * Adds an event; an error is added as by `recordException`. As in Python, an event with the name "exception" raises
   * the log level of the span to that of errors (mlflow/entities/span.py, `add_event`).
   */
  addEvent(event: LiveSpanEvent): void;
  /** Adds a link to another span, of any trace. A link with invalid ids is left out. */
  addLink(link: SpanLink): void;
  /**
   * Sets the log level, by which MLflow filters what it shows, in place of the default one.
   *
   * @throws MlflowAg2Error `invalid_argument` for any other level.
   */
  setLogLevel(level: SpanLogLevel | SpanLogLevelName): void;
  /** Adds an exception event; the status of the span stays as it is. */
  recordException(error: unknown): void;
  /** Ends the span, now or at the given time, so that it can be exported. */
  end(options?: EndOptions): void;
}

/** The trace id of a span that records nothing, as in MLflow's TypeScript SDK. */
export const NO_TRACE_ID = "no-op-span-trace-id";

const nothing = (): void => {};

/** A wrong status throws whether or not spans are recorded, as all mistakes of the program do. */
function checkStatus(status: SpanStatusCode | SpanStatusObject): void {
  checkedStatus(status);
}

const END_OPTIONS: OptionRules<EndOptions> = { outputs: "any", attributes: "object", status: "any", endTimeNs: "any" };

/** Checks the options of `end`, whether or not spans are recorded. @throws MlflowAg2Error `invalid_argument` */
export function checkEndOptions(options?: EndOptions | null): void {
  checkOptions("end", options ?? {}, END_OPTIONS);
  const { status } = options ?? {};
  if (status !== undefined) checkedStatus(status);
}

/** The span that is used while nothing is recorded, whose methods have no effect. */
export const noopSpan: LiveSpan = Object.freeze<LiveSpan>({
  name: "",
  traceId: NO_TRACE_ID,
  spanId: "",
  parentId: null,
  scope: undefined,
  spanType: "UNKNOWN",
  inputs: null,
  outputs: null,
  attributes: {},
  status: { code: "UNSET", description: "", statusCode: "STATUS_CODE_UNSET" },
  events: [],
  links: [],
  logLevel: null,
  startTimeNs: 0n,
  endTimeNs: undefined,
  startTime: [0, 0],
  endTime: null,
  getAttribute: () => null,
  setInputs: nothing,
  setOutputs: nothing,
  setSpanType: nothing,
  setAttribute: nothing,
  setAttributes: nothing,
  setTokenUsage: nothing,
  setModel: nothing,
  setChatMessages: nothing,
  setStatus: checkStatus,
  addEvent: nothing,
  addLink: nothing,
  setLogLevel: (level: SpanLogLevel | SpanLogLevelName) => void checkedLogLevel(level),
  recordException: nothing,
  end: checkEndOptions,
});
