/**
 * The one way out to the network: adds what the core never sees (credentials, compression, a
 * deadline), and gives back an answer whose body has been read.
 */

import { readAnswer, type ReadAnswer } from "./answer-body.js";
import { gzip, sendCompressed, shallCompress, withGzip } from "./compress.js";
import { withDeadline } from "./deadline.js";
import { gzipAtOnce } from "./gzip-at-once.js";
import { isFragile, takeRoom } from "./keepalive.js";
import { isHidden, isPage } from "./page.js";
import { fetchFollowing } from "./redirects.js";
import { requestHeaders, requestHeadersAtOnce } from "./request-headers.js";
import { conceal } from "./secrets.js";
import { transportSettings } from "./settings.js";
import { reason } from "../util/unknowns.js";

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
export function send(url: string, init: RequestInit, limitBytes: number = ANSWER_BYTES): Promise<ReadAnswer> {
  return perform(url, init, limitBytes, false);
}

/**
 * Sends one request of a page that is being left: before this returns, and to outlive the page.
 * There is no second try for a server that cannot read what is compressed, unless it has said so
 * before. Rejects as `send` does, for a page that comes back.
 */
export function sendAtOnce(url: string, init: RequestInit): Promise<ReadAnswer> {
  return perform(url, init, ANSWER_BYTES, true);
}

async function perform(url: string, init: RequestInit, limitBytes: number, isLast: boolean): Promise<ReadAnswer> {
  const settings = transportSettings();
  let { secrets } = settings;
  underWay += 1;
  try {
    return await withDeadline(settings.timeoutMs, async (signal) => {
      // Nothing is waited for before the request of a page that is being left is out.
      const headers = isLast ? requestHeadersAtOnce(init.headers, settings) : await requestHeaders(init.headers, settings);
      ({ secrets } = headers);
      const plain = { ...init, headers: headers.lines, signal };
      const attempt = (request: RequestInit): Promise<ReadAnswer> => fetchWithRoom(url, request, secrets, limitBytes, isLast || isHidden());
      const body = shallCompress(url, plain, settings.compressFromBytes) && (init.body as Uint8Array<ArrayBuffer>);
      const small = body && (isLast ? gzipAtOnce(body) : await gzip(body));
      if (!small) return attempt(plain);
      const compressed = withGzip(plain, small);
      return isLast ? attempt(compressed) : sendCompressed(url, () => attempt(compressed), () => attempt(plain));
    });
  } catch (error) {
    throw new Error(conceal(reason(error), secrets));
  } finally {
    underWay -= 1;
  }
}

/** One request, which outlives its page if there is room for that. */
async function fetchWithRoom(url: string, init: RequestInit, secrets: readonly string[], limitBytes: number, isClosing: boolean): Promise<ReadAnswer> {
  const { fetch = (address: string, options: RequestInit) => globalThis.fetch(address, options), credentials } = transportSettings();
  const { body } = init;
  const room = isPage() ? takeRoom(body instanceof Uint8Array ? body.byteLength : 0, isClosing) : undefined;
  let hasWorked = false;
  try {
    const request = { ...init, ...(room && { keepalive: true }), ...(credentials && { credentials }) };
    const answer = await readAnswer(await fetchFollowing(fetch, url, request), limitBytes, (text) => conceal(text, secrets));
    hasWorked = true;
    return answer;
  } finally {
    room?.giveBack(hasWorked);
  }
}
