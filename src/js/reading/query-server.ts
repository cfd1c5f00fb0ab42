/** Queries the tracking server: the one function for all requests that read. */

import { invalid } from "../util/errors.js";
import { readFromServer } from "../export/send-request.js";
import { serverMessage, unavailable } from "../export/server-answers.js";
import type { Bridge } from "../bridge/bridge.js";

/**
 * The response, parsed by `read`; `null` for status 404. A body of JSON makes it a POST.
 *
 * @throws MlflowAg2Error `trace_unavailable` (rejects) if there is no response or none that can be parsed;
 *   `invalid_argument` with the server's message for status 400.
 */
export async function queryServer<Wanted>(
  bridge: Bridge,
  url: string,
  read: (text: string) => Wanted,
  json?: string,
): Promise<Wanted | null> {
  const { status, text } = await readFromServer(bridge, url, { json }).catch((error: unknown) => {
    throw unavailable("the tracking server does not answer: start it, or correct `setTrackingUri`", error);
  });
  if (status === 404) return null;
  if (status === 400) throw invalid(`the tracking server does not understand: ${serverMessage(text)}`);
  if (status < 200 || status > 299) throw unavailable(`the tracking server answered with status ${status}`);
  try {
    return read(text);
  } catch (error) {
    throw unavailable(
      "the tracking server's answer is not a trace: is `setTrackingUri` the address of an MLflow server from 3.7 on?",
      error,
    );
  }
}
