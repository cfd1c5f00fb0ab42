/** Reads the status that a program sets on a span, in the forms that MLflow's SDKs and OpenTelemetry have. */

import { invalidValue } from "../util/errors.js";
import type { SpanStatusCode, SpanStatusObject } from "./names.js";

/** A status: "UNSET" leaves the status to the end of the span. */
export interface Status {
  readonly code: "UNSET" | "OK" | "ERROR";
  readonly description: string;
}

/** The codes in the order of OpenTelemetry's numbers (opentelemetry-js, `SpanStatusCode`). */
const CODES = ["UNSET", "OK", "ERROR"] as const;

/**
 * The status in `status`: a code in any case, with or without "STATUS_CODE_" (mlflow/entities/span_status.py), one of
 * OpenTelemetry's numbers, or an object with a code and a description.
 *
 * @throws MlflowAg2Error `invalid_argument` for any other value, so that no failure is recorded as a success.
 */
export function checkedStatus(status: SpanStatusCode | SpanStatusObject, description?: string): Status {
  const given: unknown = status;
  const fields = (typeof given === "object" && given !== null ? given : { code: given }) as SpanStatusObject;
  const word: unknown = fields.statusCode ?? fields.code;
  const code =
    typeof word === "number"
      ? CODES[word]
      : CODES.find((known) => typeof word === "string" && word.toUpperCase().replace(/^STATUS_CODE_/, "") === known);
  if (code === undefined) throw invalidValue('"OK", "ERROR" or "UNSET"', "status", word);
  return { code, description: String(description ?? fields.description ?? fields.message ?? "") };
}
