/**
 * Performs one request of the core and hands back the answer: its status and the few fields that
 * matter. What an answer means is decided in the core (src/mlflow/verdict.rs).
 */

import type { Border } from "../bridge/border.js";
import { nowMs } from "../util/clock.js";
import { field, reason, textField } from "../util/unknowns.js";
import type { ReadAnswer } from "./answer-body.js";

/** One request of the core, as `fetch` takes it. */
export interface CoreRequest {
  readonly id: number;
  readonly url: string;
  readonly init: RequestInit;
}

/** What `Tracer.nextRequest` answers. */
interface Head {
  readonly id: number;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly bytes: number;
}

/** The numbers of `Tracer.answerField`. */
const FIELDS = ["experiment_id", "experiment_name", "lifecycle_stage", "error_code", "message", "artifact_location", "store_type", "version"] as const;

/** The flags of `Tracer.settle`. */
const PAGE = 1;
const BLOCKED = 2;
const WORKSPACES_TOLD = 4;
const WORKSPACES = 8;

/** What is to be handed back; a field that is missing was not told. */
interface Answer {
  /** Missing if there was no answer. */
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly flags: number;
  readonly fields: Partial<Record<(typeof FIELDS)[number], string | undefined>>;
  readonly rejectedSpans?: number;
  /** An answer in protobuf, for the core to read. */
  readonly protobuf?: Uint8Array | undefined;
}

/** The requests that the core gave out just now. */
export function readRequests(border: Border, lengthBytes: number): CoreRequest[] {
  return border.parcels<Head>(lengthBytes).map(([{ id, method, url, headers }, body]) => ({ id, url, init: { method, headers, ...(body.length > 0 && { body }) } }));
}

/** Performs a request, before it returns as far as `send` does. The promise resolves when the answer has been taken in. */
export async function exchange(border: Border, { id, url, init }: CoreRequest, send: (url: string, init: RequestInit) => Promise<ReadAnswer>): Promise<void> {
  const { status = 0, retryAfterMs = Number.NaN, flags, fields, rejectedSpans = 0, protobuf } = await send(url, init)
    .then(read)
    .catch((error: unknown) => noAnswer(url, error));
  const { tracer } = border;
  if (protobuf !== undefined) tracer.answerProtobuf(border.bytes(protobuf));
  for (const [which, name] of FIELDS.entries()) {
    const text = fields[name];
    if (text !== undefined) tracer.answerField(which, border.text(text));
  }
  tracer.settle(id, status, retryAfterMs, flags, rejectedSpans, nowMs());
}

/** No answer at all (network, CORS, timeout, an exception) is status 0. */
function noAnswer(url: string, error: unknown): Answer {
  return { flags: isOfAnotherOrigin(url) ? BLOCKED : 0, fields: { message: reason(error) } };
}

function read({ status, headers, bytes, text }: ReadAnswer): Answer {
  const kind = (headers.get("content-type") ?? "").trimStart().toLowerCase();
  const body = readJson(text) ?? (kind.includes("protobuf") ? { protobuf: bytes } : readVersion(text.trim()));
  const isNonsense = body === undefined && bytes.length > 0 && kind !== "" && !kind.startsWith("text/plain");
  // MLflow calls the number of its version a page.
  const isPage = isNonsense || (/^(text\/html|application\/xhtml)/.test(kind) && body?.fields?.version === undefined);
  return { fields: {}, ...body, status, retryAfterMs: retryAfterMs(headers.get("retry-after")), flags: (body?.flags ?? 0) | (isPage ? PAGE : 0) };
}

/** The header `Retry-After` (RFC 9110, 10.2.3): seconds, or a date; NaN for anything else. */
function retryAfterMs(text: string | null): number {
  const told = text?.trim() ?? "";
  if (/^\d+$/.test(told)) return Number(told) * 1000;
  return Math.max(Date.parse(told) - Date.now(), 0);
}

/** Whether a browser has a say in requests from here to there: pages and their workers have a place. */
function isOfAnotherOrigin(url: string): boolean {
  const origin = textField((globalThis as { location?: unknown }).location, "origin");
  return origin !== undefined && !url.startsWith(origin);
}

function readVersion(text: string): Partial<Answer> | undefined {
  return /^\d.{0,38}$/s.test(text) ? { fields: { version: text } } : undefined;
}

/** The few fields the core asks about; `undefined` if the body is no JSON. */
function readJson(text: string): Partial<Answer> | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const experiment = field(body, "experiment");
  const partial = field(body, "partialSuccess");
  const workspaces = field(body, "workspaces_enabled");
  return {
    flags: typeof workspaces !== "boolean" ? 0 : WORKSPACES_TOLD | (workspaces ? WORKSPACES : 0),
    fields: {
      // `create` answers with the id alone, `get` and `get-by-name` with the whole experiment.
      experiment_id: textField(experiment, "experiment_id") ?? textField(body, "experiment_id"),
      experiment_name: textField(experiment, "name"),
      lifecycle_stage: textField(experiment, "lifecycle_stage"),
      error_code: textField(body, "error_code"),
      message: textField(body, "message") ?? textField(body, "detail") ?? textField(partial, "errorMessage"),
      artifact_location: textField(field(field(field(body, "trace"), "trace_info"), "tags"), "mlflow.artifactLocation"),
      store_type: textField(body, "store_type"),
    },
    // 64-bit numbers are text in protobuf's JSON.
    rejectedSpans: Number.parseInt(textField(partial, "rejectedSpans") ?? "0", 10),
  };
}
