/** Feedback and expectations: MLflow's assessments of stored traces (mlflow/tracing/assessment.py). */

import { additionsTo } from "../reading/additions.js";
import {
  type Assessment,
  type AssessmentError,
  type AssessmentSource,
  AssessmentSourceType,
  readAssessment,
  type ServerAssessment,
} from "../reading/assessment.js";
import { invalid, invalidValue } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { errorMessage, textField } from "../util/safe-access.js";
import { changeTrace, jsonOf } from "./change-trace.js";

/** The options of `updateFeedback`: a field that is left out stays as it is. */
export interface UpdateFeedbackOptions {
  /** The `traceId` of the trace. */
  traceId: string;
  /** The `assessmentId` of the feedback. */
  assessmentId: string;
  /** The new name. */
  name?: string;
  /** The new value. */
  value?: unknown;
  /** Why there is no value: an error, its message, or its fields. */
  error?: AssessmentError | Error | string;
  /** The new rationale. */
  rationale?: string;
  /** The new metadata, by key. */
  metadata?: Readonly<Record<string, string>>;
  /** How long it may take, in milliseconds. Default: 60,000. */
  timeoutMs?: number;
}

/** The options of `logFeedback`. */
export interface FeedbackOptions extends Omit<UpdateFeedbackOptions, "assessmentId"> {
  /** What is judged, such as "helpful". Default: "feedback". */
  name?: string;
  /**
   * The judgement: a number, a text, true or false, or a list or an object of those. Needed unless there is an `error`.
   */
  value?: unknown;
  /** Who judges. Default: `{ sourceType: "CODE", sourceId: "default" }`. */
  source?: AssessmentSource;
  /** The span that is meant. Default: the whole trace. */
  spanId?: string;
}

/** The options of `logExpectation`. */
export interface ExpectationOptions {
  /** The `traceId` of the trace. */
  traceId: string;
  /** What is expected, such as "answer". */
  name: string;
  /** The expected value: any data that JSON can hold, but for `null`. */
  value: unknown;
  /** Who expects it. Default: `{ sourceType: "HUMAN", sourceId: "default" }`. */
  source?: AssessmentSource;
  /** Further data, by key. */
  metadata?: Readonly<Record<string, string>>;
  /** The span that is meant. Default: the whole trace. */
  spanId?: string;
  /** How long it may take, in milliseconds. Default: 60,000. */
  timeoutMs?: number;
}

const EXPECTATION_RULES: OptionRules<ExpectationOptions> = {
  traceId: "any",
  name: "text",
  value: "any",
  source: "object",
  metadata: "object",
  spanId: "text",
  timeoutMs: "milliseconds",
};
const SOURCE_RULES: OptionRules<AssessmentSource> = { sourceType: "any", sourceId: "text" };
const GIVEN_RULES = { traceId: "any", assessmentId: "any", timeoutMs: "milliseconds" } as const;
const FEEDBACK_RULES: OptionRules<FeedbackOptions> = { ...EXPECTATION_RULES, error: "any", rationale: "text" };
const UPDATE_RULES: OptionRules<UpdateFeedbackOptions> = {
  traceId: "any",
  assessmentId: "text",
  name: "text",
  value: "any",
  error: "any",
  rationale: "text",
  metadata: "object",
  timeoutMs: "milliseconds",
};

/**
 * Stores feedback with a trace, once the trace has arrived at the server, and again for up to `timeoutMs` while the
 * server cannot take it. With "memory:" it is kept with the trace in this program.
 *
 * @returns the feedback as it is stored. Need not be awaited: a failure is then only warned about.
 * @throws MlflowAg2Error `invalid_argument` at once; the promise rejects with `invalid_argument` if the server refuses
 *   it, `unauthorized`, or `trace_unavailable` if the server has not taken it in time.
 * @example
 * const span = startSpan({ name: "answer" });
 * span.end();
 * await logFeedback({ traceId: span.traceId, name: "helpful", value: true, source: { sourceType: "HUMAN" } });
 */
export function logFeedback(options: FeedbackOptions): Promise<Assessment> {
  checkOptions("logFeedback", options, FEEDBACK_RULES);
  const { name = "feedback", value, error, rationale, source = { sourceType: "CODE" } } = options;
  if ((value ?? error) == null)
    throw invalid("`logFeedback` needs a `value`, or an `error` that says why there is none");
  jsonOf(value);
  return create(options, { assessment_name: name, rationale, feedback: { value, error: errorFields(error) } }, source);
}

/**
 * Stores what a trace should have given, as `logFeedback` stores feedback.
 *
 * @throws MlflowAg2Error as `logFeedback`.
 * @example
 * const span = startSpan({ name: "answer" });
 * span.end();
 * await logExpectation({ traceId: span.traceId, name: "answer", value: "Lisbon" });
 */
export function logExpectation(options: ExpectationOptions): Promise<Assessment> {
  checkOptions("logExpectation", options, EXPECTATION_RULES);
  const { name, value, source = { sourceType: "HUMAN" } } = options;
  if (value === undefined || value === null) throw invalidValue("the value that is expected", "value", value);
  const isPlain = typeof value !== "object";
  const serialized = { serialization_format: "JSON_FORMAT", value: isPlain ? "" : jsonOf(value) };
  return create(
    options,
    { assessment_name: name, expectation: isPlain ? { value } : { serialized_value: serialized } },
    source,
  );
}

/**
 * Changes feedback that was stored before.
 *
 * @returns the feedback as it is stored now.
 * @throws MlflowAg2Error as `logFeedback`; `invalid_argument` too if the server has no such feedback.
 * @example
 * declare const given: Assessment;
 * await updateFeedback({ traceId: given.traceId, assessmentId: given.assessmentId, value: false });
 */
export function updateFeedback(options: UpdateFeedbackOptions): Promise<Assessment> {
  checkOptions("updateFeedback", options, UPDATE_RULES);
  const { traceId, assessmentId, name, value, error, rationale, metadata, timeoutMs } = options;
  jsonOf(value);
  const changed = {
    ...(name !== undefined && { assessment_name: name }),
    ...((value !== undefined || error !== undefined) && { feedback: { value, error: errorFields(error) } }),
    ...(rationale !== undefined && { rationale }),
    ...(metadata !== undefined && { metadata }),
  };
  // The names of a field mask are in camelCase in protobuf's JSON.
  const mask = Object.keys(changed).map((field) => (field === "assessment_name" ? "assessmentName" : field));
  if (mask.length === 0) throw invalid("`updateFeedback` needs something to change: a `value`, a `rationale`, …");
  const ids = { assessment_id: assessmentId, trace_id: traceId };
  return changeTrace({
    traceId,
    timeoutMs,
    method: "PATCH",
    path: assessmentPath(traceId, assessmentId),
    body: { assessment: { ...ids, ...changed }, update_mask: mask.join(",") },
    awaitsTrace: false,
    read: keepAssessment(traceId),
    local(isKept) {
      if (!isKept) return readAssessment({ ...ids, ...changed });
      const known = additionsTo(traceId).assessments.get(assessmentId);
      if (known === undefined) throw invalid("memory holds no feedback of this `assessmentId`");
      const { name: newName, value: newValue, ...fields } = readAssessment(changed);
      const kept = {
        ...known,
        ...("assessment_name" in changed && { name: newName }),
        ...("feedback" in changed && { value: newValue, error: fields.error }),
        ...("rationale" in changed && { rationale }),
        ...("metadata" in changed && { metadata }),
        lastUpdateTime: new Date().toISOString(),
      };
      additionsTo(traceId).assessments.set(assessmentId, kept);
      return kept;
    },
  });
}

/**
 * Deletes feedback, or an expectation.
 *
 * @throws MlflowAg2Error as `updateFeedback`.
 * @example
 * declare const given: Assessment;
 * await deleteFeedback(given);
 */
export function deleteFeedback(given: { traceId: string; assessmentId: string; timeoutMs?: number }): Promise<void> {
  // Feedback itself may be given, whose other fields are not read.
  checkOptions("deleteFeedback", given, GIVEN_RULES, true);
  const { traceId, assessmentId, timeoutMs } = given;
  const forget = (): void => void additionsTo(traceId).assessments.delete(assessmentId);
  return changeTrace({
    traceId,
    timeoutMs,
    method: "DELETE",
    path: assessmentPath(traceId, assessmentId),
    body: {},
    awaitsTrace: false,
    read: forget,
    local: (isKept) => (isKept ? forget() : undefined),
  });
}

const pathOf = (traceId: string): string => `/api/3.0/mlflow/traces/${traceId}/assessments`;

function assessmentPath(traceId: string, assessmentId: string): string {
  if (typeof assessmentId !== "string" || assessmentId === "")
    throw invalidValue("the `assessmentId` of feedback", "assessmentId", assessmentId);
  return `${pathOf(traceId)}/${encodeURIComponent(assessmentId)}`;
}

/** An id as MLflow makes them. Pages without TLS have no `crypto.randomUUID`. */
function newAssessmentId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `a-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function create(
  { traceId, metadata, spanId, timeoutMs }: Omit<ExpectationOptions, "name" | "value">,
  fields: ServerAssessment,
  source: AssessmentSource,
): Promise<Assessment> {
  const { assessment_name: name } = fields;
  if (typeof name !== "string" || name === "") throw invalidValue("a text that is not empty", "name", name);
  checkOptions("source", source, SOURCE_RULES);
  const { sourceType, sourceId = "default" } = source;
  if (!Object.hasOwn(AssessmentSourceType, sourceType))
    throw invalidValue("one of `AssessmentSourceType`", "sourceType", sourceType);
  for (const [key, value] of Object.entries(metadata ?? {}))
    if (typeof value !== "string") throw invalidValue("a text", `metadata.${key}`, value);
  const now = new Date().toISOString();
  const assessment: ServerAssessment = {
    // Chosen here, so that a request that is sent again is not stored twice.
    assessment_id: newAssessmentId(),
    ...fields,
    trace_id: traceId,
    source: { source_type: sourceType, source_id: sourceId },
    create_time: now,
    last_update_time: now,
    ...(spanId !== undefined && { span_id: spanId }),
    ...(metadata !== undefined && { metadata }),
  };
  return changeTrace({
    traceId,
    timeoutMs,
    method: "POST",
    path: pathOf(traceId),
    body: { assessment },
    awaitsTrace: true,
    read: keepAssessment(traceId),
    local(isKept) {
      if (!isKept) return readAssessment({ ...assessment, assessment_id: "" });
      return keepAssessment(traceId)(JSON.stringify({ assessment }));
    },
  });
}

/** Reads the assessment in a response, and keeps it for what is read from memory. */
function keepAssessment(traceId: string): (response: string) => Assessment {
  return (response) => {
    const { assessment } = JSON.parse(response) as { assessment: ServerAssessment };
    const kept = readAssessment({ trace_id: traceId, ...assessment });
    additionsTo(traceId).assessments.set(kept.assessmentId, kept);
    return kept;
  };
}

type ErrorFields = NonNullable<ServerAssessment["feedback"]>["error"];

/** The fields of an error; its class is the code of one that was thrown. */
function errorFields(error: AssessmentError | Error | string | undefined): ErrorFields {
  if (error == null) return undefined;
  if (!["string", "object"].includes(typeof error)) throw invalidValue("an error, or its message", "error", error);
  if (typeof error === "string") return { error_code: "ASSESSMENT_ERROR", error_message: error };
  const { errorCode, errorMessage: message, stackTrace } = error as AssessmentError;
  return {
    error_code: errorCode ?? textField(error, "name") ?? "ASSESSMENT_ERROR",
    error_message: message ?? errorMessage(error),
    stack_trace: stackTrace ?? textField(error, "stack"),
  };
}
