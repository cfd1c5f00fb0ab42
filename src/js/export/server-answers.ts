/** The address of a tracking server, what its responses say, and the error for one that is of no use. */

import { MlflowAg2Error } from "../util/errors.js";
import { errorMessage, textField } from "../util/safe-access.js";
import { shownText } from "../util/shown-text.js";

/** The most characters of the server's message that an error quotes. */
const QUOTE_CHARACTERS = 300;

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
