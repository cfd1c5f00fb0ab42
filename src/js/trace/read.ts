/** Reading traces back: from memory while they are there, then from the server. */

import { loadedCore } from "../core.js";
import { MlflowAg2Error } from "../errors.js";
import { prepareDelivery } from "../lifecycle/deliver.js";
import { send } from "../lifecycle/transport.js";
import { traceFromMemory, type HeldTrace } from "./from-memory.js";
import { traceFromServer } from "./from-server.js";
import type { Trace } from "./trace.js";

/** A trace that is longer than this is not for a program's memory. */
const TRACE_BYTES = 256 << 20;

/** The id of the trace that ended last, "tr-" and 32 hexadecimal digits; `undefined` if none has ended yet. */
export function getLastActiveTraceId(): string | undefined {
  return loadedCore()?.tracer.lastTraceId();
}

/**
 * A trace by its id: from this program's memory while it is there, else from the tracking server.
 *
 * @returns the trace; `null` if neither knows it.
 * @throws MlflowAg2Error `trace_unavailable` (rejects) if the server cannot be asked.
 */
export async function getTrace(traceId: string | undefined): Promise<Trace | null> {
  const border = loadedCore();
  if (border === undefined || traceId === undefined) return null;
  prepareDelivery(border);
  const held = border.tracer.trace(border.text(traceId)) as HeldTrace | undefined;
  if (held !== undefined && !held.isPart) return traceFromMemory(held);
  const url = border.tracer.traceUrl(border.text(traceId));
  if (url === undefined) return held === undefined ? null : traceFromMemory(held);
  // Of a trace that another program began there is more on the server, once it has arrived there.
  return (await fetchTrace(url)) ?? (held === undefined ? null : traceFromMemory(held));
}

async function fetchTrace(url: string): Promise<Trace | null> {
  let answer: Response;
  let text: string;
  try {
    answer = await send(url, { method: "GET" }, TRACE_BYTES);
    text = await answer.text();
  } catch (error) {
    throw unavailable("the tracking server does not answer: start it, or correct `setTrackingUri`", error);
  }
  if (answer.status === 404) return null;
  if (!answer.ok) throw unavailable(`the tracking server answered with status ${answer.status}`, undefined);
  try {
    return traceFromServer(text);
  } catch (error) {
    throw unavailable("the tracking server's answer is not a trace: is `setTrackingUri` the address of an MLflow server from 3.7 on?", error);
  }
}

function unavailable(message: string, cause: unknown): MlflowAg2Error {
  return new MlflowAg2Error("trace_unavailable", message, { cause });
}
