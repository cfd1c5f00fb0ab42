/** Feedback and expectations of traces (mlflow/entities/assessment.py; names of MLflow's TypeScript SDK). */

/**
 * Who assesses.
 *
 * @example
 * const source = { sourceType: AssessmentSourceType.HUMAN, sourceId: "ada" };
 */
export const AssessmentSourceType = {
  /** A person. */
  HUMAN: "HUMAN",
  /** A model that judges. */
  LLM_JUDGE: "LLM_JUDGE",
  /** A program. */
  CODE: "CODE",
} as const;

/** Who assesses: a person, a model or a program. */
export interface AssessmentSource {
  /** The kind of source. */
  readonly sourceType: keyof typeof AssessmentSourceType;
  /** Which person, model or program; "default" if it is left out. */
  readonly sourceId?: string;
}

/** Why there is no value. */
export interface AssessmentError {
  /** A code, such as "RATE_LIMIT". */
  readonly errorCode?: string | undefined;
  /** A message for people. */
  readonly errorMessage?: string | undefined;
  /** The stack trace. */
  readonly stackTrace?: string | undefined;
}

/** Feedback or an expectation, as it is stored with its trace. */
export interface Assessment {
  /** The server's id, for `updateFeedback` and `deleteFeedback`. */
  readonly assessmentId: string;
  /** What is assessed, such as "helpful". */
  readonly name: string;
  /** Feedback judges what has happened; an expectation says what should have happened. */
  readonly type: "feedback" | "expectation";
  /** The judgement, or what is expected, as data. */
  readonly value: unknown;
  /** Who assesses. */
  readonly source: AssessmentSource;
  /** The id of the trace. */
  readonly traceId: string;
  /** The id of the span that is meant; `undefined`: the whole trace. */
  readonly spanId?: string | undefined;
  /** Why it is judged so. */
  readonly rationale?: string | undefined;
  /** Further data, by key. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Why there is no value. */
  readonly error?: AssessmentError | undefined;
  /** When it was stored: a time in ISO 8601. */
  readonly createTime: string;
  /** When it was changed last. */
  readonly lastUpdateTime: string;
  /** `false` once another one overrides it. */
  readonly valid: boolean;
}

/** The JSON of mlflow/protos/assessments.proto, `Assessment`. */
export interface ServerAssessment {
  assessment_id?: string;
  assessment_name?: string;
  trace_id?: string;
  span_id?: string;
  source?: { source_type?: string; source_id?: string };
  create_time?: string;
  last_update_time?: string;
  feedback?: ServerValue;
  expectation?: ServerValue;
  rationale?: string;
  metadata?: Record<string, string>;
  valid?: boolean;
}

interface ServerValue {
  value?: unknown;
  serialized_value?: { value?: string };
  error?: { error_code?: string; error_message?: string; stack_trace?: string };
}

/** The assessment in a response. */
export function readAssessment(stored: ServerAssessment): Assessment {
  const { feedback, expectation, source, create_time: createTime = "" } = stored;
  const { value, serialized_value: serialized, error } = feedback ?? expectation ?? {};
  return {
    assessmentId: stored.assessment_id ?? "",
    name: stored.assessment_name ?? "",
    type: expectation === undefined ? "feedback" : "expectation",
    value: serialized?.value === undefined ? value : JSON.parse(serialized.value),
    source: {
      sourceType: (source?.source_type ?? "CODE") as AssessmentSource["sourceType"],
      sourceId: source?.source_id ?? "default",
    },
    traceId: stored.trace_id ?? "",
    spanId: stored.span_id,
    rationale: stored.rationale,
    metadata: stored.metadata,
    error: error && {
      errorCode: error.error_code,
      errorMessage: error.error_message,
      stackTrace: error.stack_trace,
    },
    createTime,
    lastUpdateTime: stored.last_update_time ?? createTime,
    valid: stored.valid ?? true,
  };
}
