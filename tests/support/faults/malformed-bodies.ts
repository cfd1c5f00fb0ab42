/** Answers that no MLflow server gives. */

import { randomBytes } from "node:crypto";
import type { MalformedBody } from "./script.js";
import type { WholeAnswer } from "./upstream.js";

const PAGE = "<!doctype html><title>Welcome</title><p>Please accept our terms to use this network.";

const BODIES: Readonly<Record<MalformedBody, () => readonly [type: string, body: Buffer]>> = {
  "a web page": () => ["text/html; charset=utf-8", Buffer.from(PAGE)],
  "random bytes": () => ["application/octet-stream", randomBytes(4096)],
  "JSON cut off": () => ["application/json", Buffer.from('{"experiment": {"experiment_id": "12')],
  "50 MB": () => ["text/html", Buffer.alloc(50 * 2 ** 20, "x")],
};

/** Such an answer. */
export function malformedAnswer(status: number, what: MalformedBody): WholeAnswer {
  const [type, body] = BODIES[what]();
  return { status, headers: { "content-type": type }, body };
}
