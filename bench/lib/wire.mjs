/** What travels, and when it can be seen, for any peer. Runs in every host. */

import { base64 } from "./base64.mjs";
import { makeChat, runChat, spansOf } from "./workload.mjs";

const encoder = new TextEncoder();
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;

/** Runs different chats one after the other, flushes, and gives the bodies of all requests. */
export async function wire(adapter, { turns, chats }) {
  const peer = await adapter.create({ mode: "serialise", isWire: true, keepBodies: true });
  for (let at = 0; at < chats; at++) runChat(peer, makeChat(turns, at + 1));
  await peer.drain();
  await peer.flush();
  const bytesOf = (body) => (typeof body === "string" ? encoder.encode(body) : body);
  return { spans: chats * spansOf(turns), bodies: peer.stats().bodies.map((body) => base64(bytesOf(body))) };
}

/**
 * The milliseconds from the end of a chat's last span until MLflow lists its trace as finished, of several chats, with
 * the delays that the peer has by default.
 */
export async function visible(adapter, { turns, times, url, experimentId }) {
  const peer = await adapter.create({ mode: "http", url, experimentId });
  const body = JSON.stringify({
    locations: [{ type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: experimentId } }],
    max_results: 100,
  });
  const address = `${url}/api/3.0/mlflow/traces/search`;
  const request = { method: "POST", headers: { "content-type": "application/json" }, body };
  const waits = [];
  for (let at = 0; at < times; at++) {
    runChat(peer, makeChat(turns, at + 1));
    const ended = performance.now();
    for (;;) {
      const { traces = [] } = await (await fetch(address, request)).json();
      if (traces.filter(({ state }) => state === "OK" || state === "STATE_UNSPECIFIED").length > at) break;
      if (performance.now() - ended > PATIENCE_MS) throw new Error(`not seen: ${JSON.stringify(traces).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    waits.push(performance.now() - ended);
  }
  return waits;
}
