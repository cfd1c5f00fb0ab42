/** Validation of the options of `init`: one table, applied before anything is set. */

import type { InitOptions } from "../config.js";
import { invalidValue } from "../../util/errors.js";
import { checkOptions } from "../../util/options.js";
import { checkedSamplingRatio } from "../../instrument/sampling.js";
import { isTimeout, isWorkspace } from "./requests.js";

/** Whether a value is valid, and a description of the valid ones. */
type Rule = readonly [isValid: (value: unknown) => boolean, what: string];

const atLeast = (least: number, unit: string): Rule => [
  (value) => isNumber(value) && value >= least,
  `a number of ${unit}, at least ${least}`,
];
const count: Rule = [(value) => Number.isSafeInteger(value) && (value as number) > 0, "a whole number from 1 on"];
const flag: Rule = [(value) => typeof value === "boolean", "true or false"];

const textOrNull: Rule = [(value) => value === null || isText(value), "text or null"];

/** An option that is validated where it is parsed. */
const parsed: Rule = [() => true, ""];

/** The rules of all options. */
const RULES: { readonly [Name in keyof Required<InitOptions>]: Rule } = {
  trackingUri: parsed,
  experimentName: parsed,
  experimentId: parsed,
  token: parsed,
  username: parsed,
  password: parsed,
  trackingServerToken: parsed,
  trackingServerUsername: parsed,
  trackingServerPassword: parsed,
  headers: parsed,
  otlpEndpoint: parsed,
  persist: parsed,
  samplingRatio: parsed,
  wasm: parsed,
  maxBufferSpans: atLeast(1, "spans"),
  maxBufferBytes: atLeast(1, "bytes"),
  maxOpenBytes: atLeast(1, "bytes"),
  maxBatchSpans: atLeast(1, "spans"),
  maxBatchBytes: atLeast(1, "bytes"),
  batchDelayMs: atLeast(0, "milliseconds"),
  liveDelayMs: atLeast(0, "milliseconds"),
  traceTimeoutMs: atLeast(1, "milliseconds"),
  timeoutMs: [isTimeout, "a number of milliseconds above 0"],
  compression: [
    (value) => typeof value === "boolean" || (isNumber(value) && value >= 0),
    "a number of bytes, true or false",
  ],
  fetch: [isFunctionOrNull, "a function like the host's own"],
  credentials: [
    (value) => value === null || ["omit", "same-origin", "include"].includes(value as string),
    '"omit", "same-origin" or "include"',
  ],
  workspace: [(value) => value === null || isWorkspace(value), "a name such as `team-a`"],
  redact: [isFunctionOrNull, "a function that changes the span it is given, or null"],
  captureInputs: flag,
  captureOutputs: flag,
  maskKeys: [
    (value) =>
      value === false ||
      typeof value === "function" ||
      (Array.isArray(value) && value.every((key) => typeof key === "string" || key instanceof RegExp)),
    "a list of names and regular expressions, a function that tells secret keys, or false",
  ],
  defaultTags: [
    (value) => typeof value === "object" && (value === null || Object.values(value).every(isText)),
    "an object of texts",
  ],
  environment: textOrNull,
  release: textOrNull,
  userId: textOrNull,
  maxTextCharacters: count,
  maxValueCharacters: count,
  maxValueItems: count,
};

/** The names alone; the values are validated by `RULES`. */
const INIT_OPTIONS = Object.fromEntries(Object.keys(RULES).map((name) => [name, "any" as const]));

/**
 * Validates the names of all options, and the values of those that can be validated by themselves.
 *
 * @throws MlflowAg2Error `invalid_argument`, with the remedy in the message.
 */
export function checkInitOptions(options: object): void {
  checkOptions("init", options, INIT_OPTIONS);
  const values = options as Readonly<Record<string, unknown>>;
  for (const [name, [isValid, what]] of Object.entries(RULES)) {
    const value = values[name];
    if (value !== undefined && !isValid(value)) throw invalidValue(what, name, value);
  }
  if (values["samplingRatio"] !== undefined) checkedSamplingRatio("samplingRatio", values["samplingRatio"]);
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isFunctionOrNull(value: unknown): boolean {
  return value === null || typeof value === "function";
}
