/** Asks the tracking server for something to be read, in the one way that all reading has. */

import { invalid, MlflowAg2Error } from "../util/errors.js";
import { readFromServer } from "../export/send-request.js";
import type { Bridge } from "../bridge/bridge.js";
import { textField } from "../util/unknowns.js";

/** How much of the server's own words fits an error. */
const QUOTE_CHARACTERS = 300;

/**
 * What `read` makes of the answer; `null` if there is no such thing (404). A body of JSON makes it a POST.
 *
 * @throws MlflowAg2Error `trace_unavailable` (rejects) if there is no answer or none that can be read;
 *   `invalid_argument` with the server's own words if it does not understand the question (400).
 */
export async function ask<Wanted>(
  bridge: Bridge,
  url: string,
  read: (text: string) => Wanted,
  json?: string,
): Promise<Wanted | null> {
  const { status, text } = await readFromServer(bridge, url, json).catch((error: unknown) => {
    throw unavailable("the tracking server does not answer: start it, or correct `setTrackingUri`", error);
  });
  if (status === 404) return null;
  if (status === 400) throw invalid(`the tracking server does not understand: ${reasonIn(text)}`);
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

/** That something cannot be read, and why. */
export function unavailable(message: string, cause?: unknown): MlflowAg2Error {
  return new MlflowAg2Error("trace_unavailable", message, { cause });
}

function reasonIn(text: string): string {
  try {
    return textField(JSON.parse(text), "message")!.slice(0, QUOTE_CHARACTERS);
  } catch {
    // Not MLflow's own words.
    return "no reason given";
  }
}
