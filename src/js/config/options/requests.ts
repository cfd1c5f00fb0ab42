/** How requests are sent: header lines, workspace, cookies, `fetch`, time limit, compression. */

import { checkedLines } from "../../export/header-lines.js";
import {
  DEFAULT_COMPRESS_FROM_BYTES,
  type Credentials,
  type Fetch,
  type HeaderSource,
  type TransportSettings,
} from "../../export/settings.js";

/** How every request of the tracer is sent. */
export interface RequestOptions {
  /**
   * More header lines for every request; they win over `token` and the like. A function is asked
   * before each request and may wait for something, such as a new token; if it fails or takes
   * longer than `timeoutMs`, that counts as no answer and is tried again. Replaces what was given
   * before; `null` takes it back.
   *
   * @example
   * init({ headers: async () => ({ Authorization: `Bearer ${await (await fetch("/mlflow-token")).text()}` }) });
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

/** The longest time that a timer can be set for in every host. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * What the options change; nothing if none of them is given. They have been checked, but for the header lines.
 *
 * @throws MlflowAg2Error `invalid_argument` without any header's value.
 */
export function readRequestOptions({
  headers,
  workspace,
  credentials,
  fetch,
  timeoutMs,
  compression,
}: RequestOptions): Partial<TransportSettings> {
  return {
    ...(headers !== undefined && {
      headers: headers === null ? new Map() : typeof headers === "function" ? headers : checkedLines(headers),
    }),
    ...(workspace !== undefined && { workspace: workspace?.trim() }),
    ...(credentials !== undefined && { credentials: credentials ?? undefined }),
    ...(fetch !== undefined && { fetch: fetch ?? undefined }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(compression !== undefined && {
      compressFromBytes:
        compression === true
          ? DEFAULT_COMPRESS_FROM_BYTES
          : compression === false
            ? Number.POSITIVE_INFINITY
            : compression,
    }),
  };
}

/** Whether that can be a time limit, in milliseconds. */
export function isTimeout(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_TIMEOUT_MS;
}

/** Whether that can be the name of a workspace, blanks around it aside. */
export function isWorkspace(value: unknown): value is string {
  return typeof value === "string" && /^\s*[\x21-\x7e]+\s*$/.test(value);
}
