/**
 * The current settings of requests. The options are parsed and validated in `src/js/config/options`;
 * this file holds the result.
 */

import { rememberSecrets } from "../util/shown-text.js";
import type { Credentials, Fetch, HeaderLines } from "./request-types.js";

/** All settings of requests. */
export interface TransportSettings {
  /** Instead of the host's own `fetch`. */
  readonly fetch: Fetch | undefined;
  /** The program's own headers; those that are fixed have been validated and copied. */
  readonly headers: ReadonlyMap<string, string> | (() => HeaderLines | Promise<HeaderLines>);
  /** The value of the header `Authorization`. */
  readonly authorization: string | undefined;
  /** The secrets, which must never be shown: the token, the password, and values derived from them. */
  readonly secrets: readonly string[];
  /** The value of the header `X-MLFLOW-WORKSPACE`. */
  readonly workspace: string | undefined;
  /** As for `fetch`; `undefined` is the host's default. */
  readonly credentials: Credentials | undefined;
  /** How long one request may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Bodies of this size and more are compressed; infinite for never. */
  readonly compressFromBytes: number;
}

/** The default timeout of a request. */
const DEFAULT_TIMEOUT_MS = 10_000;
/** Below this, compressing saves no packet of the network. */
export const DEFAULT_COMPRESS_FROM_BYTES = 1_024;

let settings: TransportSettings = {
  fetch: undefined,
  headers: new Map(),
  authorization: undefined,
  secrets: [],
  workspace: undefined,
  credentials: undefined,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  compressFromBytes: DEFAULT_COMPRESS_FROM_BYTES,
};

/** The current settings. */
export function transportSettings(): TransportSettings {
  return settings;
}

/** The settings of previous destinations: spans for one of them are not sent with the credentials of another. */
const settingsByUri = new Map<string, TransportSettings>();

/** The settings for requests to that server or endpoint. */
export function settingsFor(trackingUri: string): TransportSettings {
  return settingsByUri.get(trackingUri) ?? settings;
}

/** Traces go to `current` from now on; spans that are buffered for `before` are sent with the present settings. */
export function trackingUriChanged(before: string, current: string): void {
  if (before === current) return;
  settingsByUri.set(before, settings);
  settingsByUri.delete(current);
}

/** Changes these settings; the others stay. */
export function changeTransport(changes: Partial<TransportSettings>): void {
  rememberSecrets(changes.secrets ?? []);
  settings = { ...settings, ...changes };
}
