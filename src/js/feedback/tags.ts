/** Tags of stored traces, and the versions of prompts that they used (mlflow/tracing/client.py). */

import { additionsTo } from "../reading/additions.js";
import { invalid, invalidValue } from "../util/errors.js";
import { checkOptions, type OptionRules } from "../util/options.js";
import { changeTrace } from "./change-trace.js";

/** A version of a prompt in MLflow's registry. */
export interface PromptVersion {
  /** The name of the prompt. */
  readonly name: string;
  /** The number of the version. */
  readonly version: number | string;
}

/** How long a change of a trace may take. */
export interface ChangeOptions {
  /** In milliseconds. Default: 60,000. */
  timeoutMs?: number;
}

const PROMPT_RULES: OptionRules<PromptVersion> = { name: "text", version: "any" };
const TIMEOUT = { timeoutMs: "milliseconds" } as const;

/**
 * Sets a tag of a trace that has ended, as `logFeedback` stores feedback. While the trace runs, use
 * `updateCurrentTrace`.
 *
 * @throws MlflowAg2Error as `logFeedback`.
 * @example
 * const span = startSpan({ name: "answer" });
 * span.end();
 * await setTraceTag(span.traceId, "reviewed", "yes");
 */
export function setTraceTag(traceId: string, key: string, value: string, options: ChangeOptions = {}): Promise<void> {
  if (typeof (value ?? {}) === "object") throw invalidValue("a text", "value", value);
  const keep = (): void => void (additionsTo(traceId).tags[key] = String(value));
  return changeTrace({
    ...tagChange("setTraceTag", traceId, key, options),
    method: "PATCH",
    body: { key, value: String(value) },
    awaitsTrace: "asks",
    read: keep,
    local: (isKept) => (isKept ? keep() : undefined),
  });
}

/**
 * Deletes a tag of a trace that has ended.
 *
 * @throws MlflowAg2Error as `logFeedback`; `invalid_argument` too if the trace has no such tag.
 * @example
 * const span = startSpan({ name: "answer" });
 * span.end();
 * await setTraceTag(span.traceId, "reviewed", "yes");
 * await deleteTraceTag(span.traceId, "reviewed");
 */
export function deleteTraceTag(traceId: string, key: string, options: ChangeOptions = {}): Promise<void> {
  const forget = (): void => void (additionsTo(traceId).tags[key] = undefined);
  return changeTrace({
    ...tagChange("deleteTraceTag", traceId, key, options),
    method: "DELETE",
    body: { key },
    awaitsTrace: "asks",
    read: forget,
    local: (isKept) => (isKept ? forget() : undefined),
  });
}

function tagChange(what: string, traceId: string, key: string, options: ChangeOptions) {
  checkOptions(what, options, TIMEOUT);
  if (typeof key !== "string" || key === "") throw invalidValue("a text", "key", key);
  return { traceId, path: `/api/3.0/mlflow/traces/${traceId}/tags`, timeoutMs: options.timeoutMs };
}

/**
 * Links versions of prompts of MLflow's registry to a trace that has ended: MLflow shows them with the trace, and finds
 * the trace by `"prompt = 'name/1'"` of `searchTraces`. With "memory:" it has no effect.
 *
 * @throws MlflowAg2Error as `logFeedback`.
 * @example
 * const span = startSpan({ name: "answer" });
 * span.end();
 * await linkPromptVersionsToTrace([{ name: "greeting", version: 2 }], span.traceId);
 */
export function linkPromptVersionsToTrace(
  promptVersions: readonly PromptVersion[],
  traceId: string,
  options: ChangeOptions = {},
): Promise<void> {
  checkOptions("linkPromptVersionsToTrace", options, TIMEOUT);
  if (!Array.isArray(promptVersions))
    throw invalidValue("a list of `{ name, version }`", "promptVersions", promptVersions);
  const versions = promptVersions.map((prompt: PromptVersion) => {
    checkOptions("promptVersions", prompt, PROMPT_RULES);
    const { name, version } = prompt;
    if (name == null || version == null) throw invalid("each of `promptVersions` needs a `name` and a `version`");
    return { name: String(name), version: String(version) };
  });
  const nothing = (): void => {};
  return changeTrace({
    traceId,
    timeoutMs: options.timeoutMs,
    method: "POST",
    path: "/api/2.0/mlflow/traces/link-prompts",
    body: { trace_id: traceId, prompt_versions: versions },
    awaitsTrace: "asks",
    read: nothing,
    local: nothing,
  });
}
