/**
 * The one error class of the tracer. Only configuration mistakes throw it; failures at run time are
 * counted (`stats()`) and warned about once.
 */

import { shownText } from "./shown-text.js";

/** What can be wrong with the setup; stable, meant for branching. */
export type ErrorCode =
  | "invalid_argument"
  | "invalid_tracking_uri"
  | "invalid_otlp_endpoint"
  | "experiment_not_found"
  | "experiment_deleted"
  | "experiment_refused"
  | "experiment_replaced"
  | "not_mlflow"
  | "unauthorized"
  | "unreachable"
  | "redirected"
  | "wasm_unavailable"
  | "host_unsupported"
  | "core_failed"
  | "wasm_not_given"
  | "trace_unavailable";

const MARK = Symbol.for("mlflow-ag2.error");

/**
 * An error of the tracer. `code` is stable; `message` is for people and names the remedy.
 *
 * @example
 * try {
 *   await setExperiment({ experimentId: "42" });
 * } catch (error) {
 *   if (MlflowAg2Error.is(error) && error.code === "unreachable") console.log("is the server running?");
 *   else throw error;
 * }
 */
export class MlflowAg2Error extends Error {
  /** Which mistake it is. */
  readonly code: ErrorCode;
  /** Two copies of this package recognise each other's errors by this mark, where `instanceof` cannot. */
  readonly [MARK] = true;

  /** Called by this package; a program need not call it, except in its tests. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(shownText(message), options);
    this.name = "MlflowAg2Error";
    this.code = code;
  }

  /** Whether `error` is an error of this package, of any copy of it. */
  static is(error: unknown): error is MlflowAg2Error {
    return typeof error === "object" && error !== null && (error as { [MARK]?: unknown })[MARK] === true;
  }
}

/** An error for an argument that makes no sense: `invalid_argument`. */
export function invalid(message: string): MlflowAg2Error {
  return new MlflowAg2Error("invalid_argument", message);
}

/** An `invalid_argument` error for a named argument: what it must be, and the value given. */
export function invalidValue(expected: string, name: string, value: unknown): MlflowAg2Error {
  return invalid(`\`${name}\` must be ${expected}, not \`${String(value)}\``);
}
