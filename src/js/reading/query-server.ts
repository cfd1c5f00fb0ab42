/** Queries the tracking server: the one function for all requests that read. */

import { invalid, MlflowAg2Error } from "../util/errors.js";
import { readFromServer } from "../export/send-request.js";
import type { Bridge } from "../bridge/bridge.js";
import { errorMessage, textField } from "../util/safe-access.js";
import { shownText } from "../util/shown-text.js";

/** The most characters of the server's message that an error quotes. */
const QUOTE_CHARACTERS = 300;

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
  const { status, text } = await readFromServer(bridge, url, json).catch((error: unknown) => {
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

/** The address of a server without slashes at its end. */
export function serverAddress(trackingUri: string): string {
  return trackingUri.replace(/(?<!\/)\/+$/, "");
}

/** An error for a trace that cannot be read or changed. */
export function unavailable(message: string, cause?: unknown): MlflowAg2Error {
  // Engines quote the text that they cannot parse.
  return new MlflowAg2Error("trace_unavailable", message, {
    cause: cause === undefined ? undefined : new Error(shownText(errorMessage(cause))),
  });
}

/** The message in a response of MLflow. */
export function serverMessage(text: string): string {
  try {
    return textField(JSON.parse(text), "message")!.slice(0, QUOTE_CHARACTERS);
  } catch {
    // Not a response of MLflow itself.
    return "no reason given";
  }
}
