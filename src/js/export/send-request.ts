/**
 * `fetch` for the exporter: adds what the core never sees (credentials, compression, the keepalive budget of a
 * page). Deadlines, redirects and what a response means are Rust (src/wasm/request.rs).
 */

import type { Bridge } from "../bridge/bridge.js";
import { reason } from "../util/unknowns.js";
import { gzip, sendCompressed, shallCompress, withGzip } from "./compress.js";
import { gzipAtOnce } from "./gzip-at-once.js";
import { isFragile, takeRoom } from "./keepalive.js";
import { isHidden, isPage } from "./page.js";
import { requestHeaders, requestHeadersAtOnce, type RequestHeaders } from "./request-headers.js";
import { settingsOf, type TransportSettings } from "./settings.js";

/** A request of the core. */
export interface CoreRequestInit extends RequestInit {
  /** The server, or OTLP endpoint, that the request belongs to. */
  readonly trackingUri: string;
  /** Whether the page is being left: the request must be out before `sendRequest` returns. */
  readonly isUnload: boolean;
  /** Takes what of the request must not be shown, for the core to conceal in messages. */
  readonly secrets: string[];
}

/** What a server answers when it is read from. */
export interface ServerText {
  readonly status: number;
  readonly text: string;
}

const MAX_REDIRECTS = 5;

let inFlight = 0;

/** Whether a request is in flight that will end with the page. */
export function hasNonKeepaliveRequests(): boolean {
  return isFragile(inFlight);
}

/** Sends one request. Rejects when `fetch` does, or a function of the program fails. */
export function sendRequest(
  url: string,
  { trackingUri, isUnload, secrets, ...init }: CoreRequestInit,
): Promise<Response> {
  const settings = settingsOf(trackingUri);
  const send = isUnload ? sendAtOnce : sendSoon;
  inFlight += 1;
  return send(url, init, settings, (headers) => {
    // The longest first: one may be part of another.
    secrets.push(...[...headers.secrets].sort((one, other) => other.length - one.length));
    return { ...init, headers: headers.lines };
  }).finally(() => {
    inFlight -= 1;
  });
}

/**
 * Reads from the tracking server, and what the exporter's rules are for requests holds here too: redirects lead to the same
 * host only, and nothing secret is in a message. A body of JSON makes it a POST.
 *
 * @throws Error (rejects) if there is no whole response in time.
 */
export async function readFromServer(bridge: Bridge, url: string, json?: string): Promise<ServerText> {
  const trackingUri = bridge.core.trackingUri();
  const workspace = bridge.core.workspace();
  const headers = {
    ...(json !== undefined && { "content-type": "application/json" }),
    ...(workspace !== undefined && { "x-mlflow-workspace": workspace }),
  };
  const secrets: string[] = [];
  const { timeoutMs } = settingsOf(trackingUri);
  const controller = new AbortController();
  const { signal } = controller;
  const timer = setTimeout(
    () => controller.abort(new Error(`there was no whole response within ${timeoutMs} ms`)),
    timeoutMs,
  );
  // A `fetch` of the program need not know what a signal is.
  const timeout = new Promise<never>((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason as Error)),
  );
  const body = json === undefined ? { method: "GET" } : { method: "POST", body: json };
  const read = async (address: string, redirects: number): Promise<ServerText> => {
    const response = await sendRequest(address, {
      ...body,
      headers,
      signal,
      redirect: "manual",
      trackingUri,
      isUnload: false,
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
    return await Promise.race([read(url, MAX_REDIRECTS), timeout]);
  } catch (error) {
    throw new Error(bridge.core.conceal(reason(error), secrets));
  } finally {
    clearTimeout(timer);
  }
}

type AddHeaders = (headers: RequestHeaders) => RequestInit;

async function sendSoon(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  add: AddHeaders,
): Promise<Response> {
  const plain = add(await requestHeaders(init.headers, settings));
  const attempt = (request: RequestInit): Promise<Response> => fetchWithRoom(url, request, settings, isHidden());
  const body =
    shallCompress(url, plain, settings.compressFromBytes) && (await gzip(init.body as Uint8Array<ArrayBuffer>));
  return body
    ? sendCompressed(
        url,
        () => attempt(withGzip(plain, body)),
        () => attempt(plain),
      )
    : attempt(plain);
}

/**
 * Nothing is waited for before the request is out. There is no second try for a server that cannot read what is
 * compressed, unless it has said so before.
 */
async function sendAtOnce(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  add: AddHeaders,
): Promise<Response> {
  const plain = add(requestHeadersAtOnce(init.headers, settings));
  const body = shallCompress(url, plain, settings.compressFromBytes) && gzipAtOnce(init.body as Uint8Array);
  return fetchWithRoom(url, body ? withGzip(plain, body) : plain, settings, true);
}

/** One request, which outlives its page if there is room for that. */
async function fetchWithRoom(
  url: string,
  init: RequestInit,
  settings: TransportSettings,
  isClosing: boolean,
): Promise<Response> {
  const { fetch = (address: string, options: RequestInit) => globalThis.fetch(address, options), credentials } =
    settings;
  const { body } = init;
  const room = isPage() ? takeRoom(body instanceof Uint8Array ? body.byteLength : 0, isClosing) : undefined;
  let hasWorked = false;
  try {
    const response = await fetch(url, {
      ...init,
      ...(room && { keepalive: true }),
      ...(credentials && { credentials }),
    });
    hasWorked = true;
    return response;
  } finally {
    room?.giveBack(hasWorked);
  }
}
