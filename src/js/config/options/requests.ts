/** How requests are sent: headers, workspace, cookies, `fetch`, timeout, compression. */

import { checkedHeaders } from "../../export/headers.js";
import type { Credentials, Fetch, HeaderSource } from "../../export/request-types.js";
import { DEFAULT_COMPRESS_FROM_BYTES, type TransportSettings } from "../../export/settings.js";

/** How every request of the tracer is sent. */
export interface RequestOptions {
  /**
   * Additional headers for every request; they take precedence over `token` and the like. A function is
   * called before each request and may be async, for instance to renew a token; if it fails or takes
   * longer than `timeoutMs`, that counts as no response and is retried. Replaces the headers given
   * before; `null` removes them.
   *
   * @example
   * init({ headers: async () => ({ Authorization: `Bearer ${await (await fetch("/mlflow-token")).text()}` }) });
   */
  headers?: HeaderSource | null;
  /**
   * The workspace of a server that has them on (`X-MLFLOW-WORKSPACE`). Default: the environment's
   * `MLFLOW_WORKSPACE`. `null` removes it.
   */
  workspace?: string | null;
  /**
   * Whether cookies go along, as for `fetch`: "include" for a server of another origin that knows its users by
   * them. `null`: the host's default.
   */
  credentials?: Credentials | null;
  /**
   * Used for every request of the tracer instead of the host's own `fetch`; bodies are compressed already.
   * `null`: the host's own again.
   */
  fetch?: Fetch | null;
  /**
   * How long one request may take, from its headers to the end of the response, in milliseconds.
   * Default: the environment's `MLFLOW_HTTP_REQUEST_TIMEOUT`, which is in seconds as in Python, else 10,000.
   */
  timeoutMs?: number;
  /**
   * The least size of bodies that are gzipped, in bytes, where the host can (`CompressionStream`)
   * and the server accepts it; `false` for never, `true` for the default, 1,024.
   */
  compression?: number | boolean;
}

/** The longest time that a timer can be set for in every host. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The settings that the options change; empty if none is given. All but the headers have been validated.
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
      headers: headers === null ? new Map() : typeof headers === "function" ? headers : checkedHeaders(headers),
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

/** Whether `value` is a valid timeout, in milliseconds. */
export function isTimeout(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_TIMEOUT_MS;
}

/** Whether `value` is a valid name of a workspace, surrounding blanks aside. */
export function isWorkspace(value: unknown): value is string {
  return typeof value === "string" && /^\s*[\x21-\x7e]+\s*$/.test(value);
}
