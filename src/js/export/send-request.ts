/**
 * `fetch` for the exporter: adds what the core does not handle (credentials, compression, the keepalive budget
 * of a page). Timeouts, redirects and the classification of responses are Rust (src/wasm/request.rs).
 */

import type { Bridge } from "../bridge/bridge.js";
import { countAwaited } from "../util/awaited.js";
import { errorMessage, failureReason } from "../util/safe-access.js";
import { gzip, sendCompressed, shouldCompress, withGzip } from "./compress.js";
import { gzipSync } from "./gzip-sync.js";
import { hasRequestsWithoutKeepalive, acquireKeepalive } from "./keepalive.js";
import { isHidden, isPage } from "./page-lifecycle.js";
import { requestHeaders, requestHeadersSync, type RequestHeaders } from "./request-headers.js";
import { settingsFor, type TransportSettings } from "./settings.js";

/** A request of the core. */
export interface CoreRequestInit extends RequestInit {
  /** The server, or OTLP endpoint, that the request belongs to. */
  readonly trackingUri: string;
  /** Whether the page is being unloaded: the request must be sent before `sendRequest` returns. */
  readonly isUnload: boolean;
  /** Receives the secrets in the request, for the core to remove from messages. */
  readonly secrets: string[];
}

/** A request that reads from the tracking server, or changes what it has. */
export interface ServerRequest {
  /** The body, which makes it a POST unless another method is given. */
  readonly json?: string | undefined;
  readonly method?: string;
  /** Whether the page is being unloaded: the request is sent before the function returns. */
  readonly isUnload?: boolean;
  /** Whether the program may await it: otherwise it does not keep a program alive that is done. Default: true. */
  readonly isAwaited?: boolean;
  /** The server and the workspace, if those that are set now are not meant. */
  readonly place?: Place;
}

/** A tracking server and the workspace there. */
export interface Place {
  readonly trackingUri: string;
  readonly workspace: string | undefined;
}

/** The response to a request that reads from the server. */
export interface ServerText {
  readonly status: number;
  readonly text: string;
}

const MAX_REDIRECTS = 5;

/** The requests in flight that no program awaits. */
const unawaited = new Set<AbortController>();
let inFlight = 0;
let startListener: (() => void) | undefined;

/** The number of requests in flight. */
export function requestsInFlight(): number {
  return inFlight;
}

/** Calls `listener` at the start of each request. */
export function onRequestStart(listener: () => void): void {
  startListener = listener;
}

/** Whether a request is in flight that will end with the page. */
export function hasNonKeepaliveRequests(): boolean {
  return hasRequestsWithoutKeepalive(inFlight);
}

/** Sends one request. Rejects when `fetch` does, or a function of the program fails. */
export function sendRequest(
  url: string,
  { trackingUri, isUnload, secrets, ...init }: CoreRequestInit,
): Promise<Response> {
  const settings = settingsFor(trackingUri);
  const send = isUnload ? sendOnUnload : sendWhileRunning;
  inFlight += 1;
  startListener?.();
  return send(url, init, settings, (headers) => {
    // The longest first: one may contain another.
    secrets.push(...[...headers.secrets].sort((one, other) => other.length - one.length));
    return { ...init, headers: headers.headers };
  })
    .catch((error: unknown) => {
      throw new Error(failureReason(error));
    })
    .finally(() => {
      inFlight -= 1;
    });
}

/** The server and the workspace that are set now. */
export function currentPlace({ core }: Bridge): Place {
  return { trackingUri: core.trackingUri(), workspace: core.workspace() };
}

/**
 * Asks a tracking server, by the rules of the exporter: redirects are followed within the same host
 * only, and messages hold no secrets.
 *
 * @throws Error (rejects) if there is no whole response in time.
 */
export async function readFromServer(bridge: Bridge, url: string, request: ServerRequest = {}): Promise<ServerText> {
  const { json, method = json === undefined ? "GET" : "POST", isUnload = false, isAwaited = true } = request;
  const { trackingUri, workspace } = request.place ?? currentPlace(bridge);
  const headers = {
    ...(json !== undefined && { "content-type": "application/json" }),
    ...(workspace !== undefined && { "x-mlflow-workspace": workspace }),
  };
  const secrets: string[] = [];
  const { timeoutMs } = settingsFor(trackingUri);
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(
    () => controller.abort(new Error(`there was no whole response within ${timeoutMs} ms`)),
    timeoutMs,
  );
  // A `fetch` of the program may ignore the signal.
  const timeout = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error)),
  );
  const read = async (address: string, redirects: number): Promise<ServerText> => {
    const response = await sendRequest(address, {
      method,
      ...(json !== undefined && { body: json }),
      headers,
      signal,
      redirect: "manual",
      trackingUri,
      isUnload,
      secrets,
    });
    const { status } = response;
    if (response.type !== "opaqueredirect" && (status < 300 || status > 399)) {
      const text = await response.text();
      return { status, text: response.ok ? text : bridge.core.conceal(text, secrets) };
    }
    const location = response.headers.get("location");
    const target = location === null ? undefined : bridge.core.redirectTarget(address, location);
    if (target === undefined || redirects === 0) {
      throw new Error("the server redirects: set the tracking URI to the address at which MLflow itself answers");
    }
    return read(target, redirects - 1);
  };
  try {
    if (!isAwaited) unawaited.add(controller);
    const response = Promise.race([read(url, MAX_REDIRECTS), timeout]);
    return await (isAwaited ? countAwaited(response) : response);
  } catch (error) {
    throw new Error(bridge.core.conceal(errorMessage(error), secrets));
  } finally {
    clearTimeout(timer);
    unawaited.delete(controller);
  }
}

/** Aborts the requests that no program awaits. */
export function abortUnawaited(reason: string): void {
  for (const controller of unawaited) controller.abort(new Error(reason));
}

type AddHeaders = (headers: RequestHeaders) => RequestInit;

async function sendWhileRunning(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  add: AddHeaders,
): Promise<Response> {
  const plain = add(await requestHeaders(init.headers, settings));
  const attempt = (request: RequestInit): Promise<Response> => fetchWithinBudget(url, request, settings, isHidden());
  const body =
    shouldCompress(url, plain, settings.compressFromBytes) && (await gzip(init.body as Uint8Array<ArrayBuffer>));
  return body
    ? sendCompressed(
        url,
        () => attempt(withGzip(plain, body)),
        () => attempt(plain),
      )
    : attempt(plain);
}

/**
 * Sends the request synchronously. There is no second request for a server that does not support compression,
 * unless that is known already.
 */
async function sendOnUnload(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  add: AddHeaders,
): Promise<Response> {
  const plain = add(requestHeadersSync(init.headers, settings));
  const body = shouldCompress(url, plain, settings.compressFromBytes) && gzipSync(init.body as Uint8Array);
  return fetchWithinBudget(url, body ? withGzip(plain, body) : plain, settings, true);
}

/** Sends one request, with keepalive if the budget allows it. */
async function fetchWithinBudget(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  isUnload: boolean,
): Promise<Response> {
  const { fetch = (address: string, options: RequestInit) => globalThis.fetch(address, options), credentials } =
    settings;
  const { body } = init;
  const keepalive = isPage() ? acquireKeepalive(body instanceof Uint8Array ? body.byteLength : 0, isUnload) : undefined;
  let hasSucceeded = false;
  try {
    const response = await fetch(url, {
      ...init,
      ...(keepalive && { keepalive: true }),
      ...(credentials && { credentials }),
    });
    hasSucceeded = true;
    return response;
  } finally {
    keepalive?.release(hasSucceeded);
  }
}
