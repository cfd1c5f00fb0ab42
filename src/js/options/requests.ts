/** How requests are sent: header lines, workspace, cookies, `fetch`, time limit, compression. */

import { MlflowAg2Error } from "../errors.js";
import { environment } from "../host.js";
import { checkedLines } from "../lifecycle/header-lines.js";
import { DEFAULT_COMPRESS_FROM_BYTES, DEFAULT_TIMEOUT_MS, type Credentials, type Fetch, type HeaderSource, type TransportSettings } from "../lifecycle/settings.js";
import { warnOnce } from "../warn.js";

/** How every request of the tracer is sent. */
export interface RequestOptions {
  /**
   * More header lines for every request; they win over `token` and the like. A function is asked
   * before each request and may wait for something, such as a new token; if it fails or takes
   * longer than `timeoutMs`, that counts as no answer and is tried again. Replaces what was given
   * before; `null` takes it back.
   *
   * @example
   * init({ headers: async () => ({ Authorization: `Bearer ${await freshToken()}` }) });
   */
  headers?: HeaderSource | null;
  /** The workspace of a server that has them on (`X-MLFLOW-WORKSPACE`). Default: the environment's `MLFLOW_WORKSPACE`. `null` takes it back. */
  workspace?: string | null;
  /** Whether cookies go along, as for `fetch`: "include" for a server of another origin that knows its users by them. `null`: the host's default. */
  credentials?: Credentials | null;
  /** Used for every request of the tracer instead of the host's own `fetch`; it gets bodies as they are sent, compressed. `null`: the host's own again. */
  fetch?: Fetch | null;
  /**
   * How long one request may take, from asking for headers to the end of the answer, in milliseconds.
   * Default: the environment's `MLFLOW_HTTP_REQUEST_TIMEOUT`, which is in seconds as in Python, else 10,000.
   */
  timeoutMs?: number;
  /**
   * From which size on bodies are sent gzipped, in bytes, where the host can (`CompressionStream`)
   * and the server takes it; `false` for never, `true` for the default, 1,024.
   */
  compression?: number | boolean;
}

const CREDENTIALS = ["omit", "same-origin", "include"];
/** The longest time that a timer can be set for in every host. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

type Changes = { -readonly [Name in keyof TransportSettings]?: TransportSettings[Name] };

/**
 * What the options change; nothing if none of them is given.
 *
 * @throws MlflowAg2Error `invalid_argument`, with the cure in the sentence and without any header's value.
 */
export function readRequestOptions({ headers, workspace, credentials, fetch, timeoutMs, compression }: RequestOptions): Partial<TransportSettings> {
  const changes: Changes = {};
  if (headers !== undefined) changes.headers = readHeaders(headers);
  if (workspace !== undefined) changes.workspace = workspace === null ? undefined : readWorkspace(workspace);
  if (credentials !== undefined) changes.credentials = credentials === null ? undefined : readCredentials(credentials);
  if (fetch !== undefined) {
    if (fetch !== null && typeof fetch !== "function") throw wrong("`fetch` must be a function like the host's own");
    changes.fetch = fetch ?? undefined;
  }
  if (timeoutMs !== undefined) changes.timeoutMs = readTimeout(timeoutMs);
  if (compression !== undefined) changes.compressFromBytes = readCompression(compression);
  return changes;
}

/** What the environment says; a wrong value is nobody's call, so it is warned about and the default stays. */
export function requestOptionsFromEnvironment(): Partial<TransportSettings> {
  const changes: Changes = {};
  const workspace = environment("MLFLOW_WORKSPACE")?.trim();
  const seconds = environment("MLFLOW_HTTP_REQUEST_TIMEOUT")?.trim();
  try {
    if (workspace) changes.workspace = readWorkspace(workspace);
  } catch (error) {
    warnOnce("invalid_argument", `MLFLOW_WORKSPACE: ${(error as Error).message}`);
  }
  if (seconds) {
    const timeoutMs = Number(seconds) * 1000;
    if (timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS) changes.timeoutMs = timeoutMs;
    else warnOnce("invalid_argument", `MLFLOW_HTTP_REQUEST_TIMEOUT must be a number of seconds, not \`${seconds}\`: ${DEFAULT_TIMEOUT_MS / 1000} is used`);
  }
  return changes;
}

function readHeaders(headers: HeaderSource | null): TransportSettings["headers"] {
  if (headers === null) return new Map();
  if (typeof headers === "function") return headers;
  try {
    return checkedLines(headers);
  } catch (error) {
    throw wrong((error as Error).message);
  }
}

function readWorkspace(workspace: unknown): string {
  if (typeof workspace !== "string" || !/^[\x21-\x7e]+$/.test(workspace.trim())) {
    throw wrong(`a workspace is a name such as \`team-a\`, not \`${String(workspace)}\``);
  }
  return workspace.trim();
}

function readCredentials(credentials: Credentials): Credentials {
  if (!CREDENTIALS.includes(credentials)) throw wrong(`\`credentials\` must be "omit", "same-origin" or "include", not \`${String(credentials)}\``);
  return credentials;
}

function readTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw wrong(`\`timeoutMs\` must be a number of milliseconds above 0, not \`${String(timeoutMs)}\``);
}

function readCompression(compression: unknown): number {
  if (compression === false) return Number.POSITIVE_INFINITY;
  if (compression === true) return DEFAULT_COMPRESS_FROM_BYTES;
  if (typeof compression === "number" && compression >= 0) return compression;
  throw wrong(`\`compression\` must be a number of bytes, true or false, not \`${String(compression)}\``);
}

function wrong(message: string): MlflowAg2Error {
  return new MlflowAg2Error("invalid_argument", message);
}
