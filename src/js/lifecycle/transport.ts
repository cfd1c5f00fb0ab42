/**
 * The one way out to the network: adds what the core never sees (credentials, compression, a
 * deadline), and gives back an answer whose body has been read.
 */

import { readAnswer } from "./answer-body.js";
import { gzip, sendCompressed, shallCompress, withGzip } from "./compress.js";
import { withDeadline } from "./deadline.js";
import { gzipAtOnce } from "./gzip-at-once.js";
import { isFragile, takeRoom } from "./keepalive.js";
import { isHidden, isPage } from "./page.js";
import { fetchFollowing } from "./redirects.js";
import { requestHeaders, requestHeadersAtOnce, type RequestHeaders } from "./request-headers.js";
import { conceal } from "./secrets.js";
import { transportSettings, type Fetch } from "./settings.js";
import { reason } from "../unknowns.js";

let underWay = 0;

/** Whether a request is under way that will end with the page. */
export function hasFragileRequests(): boolean {
  return isFragile(underWay);
}

/** More than any answer to spans or about an experiment. */
const ANSWER_BYTES = 1 << 20;

/**
 * Sends one request. Rejects when there is no whole answer in time, and with nothing secret in the message.
 *
 * @param limitBytes how much of the answer's body is read.
 */
export async function send(url: string, init: RequestInit, limitBytes: number = ANSWER_BYTES): Promise<Response> {
  const settings = transportSettings();
  let secrets = settings.secrets;
  underWay += 1;
  try {
    return await withDeadline(settings.timeoutMs, async (signal) => {
      const headers = await requestHeaders(init.headers, settings);
      ({ secrets } = headers);
      return exchange(url, init, headers, limitBytes, signal);
    });
  } catch (error) {
    throw new Error(conceal(reason(error), secrets));
  } finally {
    underWay -= 1;
  }
}

/**
 * Sends one request of a page that is being left: before this returns, and to outlive the page.
 * There is no second try for a server that cannot read what is compressed, unless it has said so
 * before. Rejects as `send` does, for a page that comes back.
 */
export function sendAtOnce(url: string, init: RequestInit): Promise<Response> {
  const settings = transportSettings();
  const headers = requestHeadersAtOnce(init.headers, settings);
  const answer = withDeadline(settings.timeoutMs, (signal) => {
    const plain = { ...init, headers: headers.lines, signal };
    const isLarge = shallCompress(url, plain, settings.compressFromBytes);
    const request = isLarge ? withGzip(plain, gzipAtOnce(init.body as Uint8Array)) : plain;
    return attempt(url, request, headers, ANSWER_BYTES, true);
  });
  underWay += 1;
  return answer
    .catch((error: unknown) => {
      throw new Error(conceal(reason(error), headers.secrets));
    })
    .finally(() => void (underWay -= 1));
}

async function exchange(url: string, init: RequestInit, headers: RequestHeaders, limitBytes: number, signal: AbortSignal): Promise<Response> {
  const plain = { ...init, headers: headers.lines, signal };
  const sendPlain = (): Promise<Response> => attempt(url, plain, headers, limitBytes, isHidden());
  if (!shallCompress(url, plain, transportSettings().compressFromBytes)) return sendPlain();
  const small = await gzip(init.body as Uint8Array<ArrayBuffer>);
  if (small === undefined) return sendPlain();
  return sendCompressed(url, () => attempt(url, withGzip(plain, small), headers, limitBytes, isHidden()), sendPlain);
}

async function attempt(url: string, init: RequestInit, { secrets }: RequestHeaders, limitBytes: number, isClosing: boolean): Promise<Response> {
  const { fetch: given, credentials } = transportSettings();
  const fetch: Fetch = given ?? ((address, options) => globalThis.fetch(address, options));
  const { body } = init;
  const room = isPage() ? takeRoom(body instanceof Uint8Array ? body.byteLength : 0, isClosing) : undefined;
  let hasWorked = false;
  try {
    const request = { ...init, ...(room === undefined ? {} : { keepalive: true }), ...(credentials === undefined ? {} : { credentials }) };
    const answer = await readAnswer(await fetchFollowing(fetch, url, request), limitBytes, (text) => conceal(text, secrets));
    hasWorked = true;
    return answer;
  } finally {
    room?.giveBack(hasWorked);
  }
}
