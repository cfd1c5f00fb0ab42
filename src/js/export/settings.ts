/**
 * How requests are sent, as the program last set it. The options are read and checked in
 * `src/js/config/options`; this file only holds what came out.
 */

/** A `fetch` like the host's own. */
export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** Header lines by name: an object, a `Headers`, a `Map` or pairs. */
export type HeaderLines = Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;

/** Header lines, or what gives them for each request, such as a function that renews a token. */
export type HeaderSource = HeaderLines | (() => HeaderLines | Promise<HeaderLines>);

/** Whether a page's cookies go along: the DOM's `RequestCredentials`, whose types not every program has. */
export type Credentials = "omit" | "same-origin" | "include";

/** Everything about requests that can be set. */
export interface TransportSettings {
  /** Instead of the host's own `fetch`. */
  readonly fetch: Fetch | undefined;
  /** The program's own header lines; those that are fixed have been checked and copied. */
  readonly headers: ReadonlyMap<string, string> | (() => HeaderLines | Promise<HeaderLines>);
  /** The value of the header `Authorization`. */
  readonly authorization: string | undefined;
  /** What must never be shown: the token, the password, and what is made of them. */
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

/** Without any option: one request takes ten seconds at most. */
export const DEFAULT_TIMEOUT_MS = 10_000;
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

/** The settings in force. */
export function transportSettings(): TransportSettings {
  return settings;
}

/** Settings of servers that traces went to before: what waits for one of them is not sent with another one's credentials. */
const earlier = new Map<string, TransportSettings>();

/** The settings for requests to that server or endpoint. */
export function settingsOf(trackingUri: string): TransportSettings {
  return earlier.get(trackingUri) ?? settings;
}

/** Traces go to `current` from now on; what waits for `before` is sent with the settings that are in force now. */
export function trackingUriChanged(before: string, current: string): void {
  if (before === current) return;
  earlier.set(before, settings);
  earlier.delete(current);
}

/** Puts these in force; what is left out stays. */
export function changeTransport(changes: Partial<TransportSettings>): void {
  settings = { ...settings, ...changes };
}
