/** What tracing adds to conversations of our own agents. Runs in every host. */

import { timed } from "./timing.mjs";

/** Milliseconds of so many chats with tracing off and on, in turns, and the spans of one chat. */
export async function agents(adapter, { turns, chats, reps, warmMs }) {
  const peer = await adapter.create();
  const once = async (isOn, count) => {
    peer.trace(isOn);
    const fixtures = Array.from({ length: count }, () => peer.agents(turns));
    const before = peer.started();
    const took = await timed(async () => {
      for (const each of fixtures) await peer.chat(each, turns);
    });
    const spans = (peer.started() - before) / count;
    await peer.flush();
    return { ms: (took.cpuMs ?? took.wallMs) / count, spans };
  };
  for (const began = performance.now(); performance.now() - began < 2 * warmMs; ) {
    await once(false, 1);
    await once(true, 1);
  }
  const rows = [];
  for (let at = 0; at < reps; at++) {
    const off = await once(false, chats);
    const on = await once(true, chats);
    rows.push({ offMs: off.ms, onMs: on.ms, spans: on.spans });
  }
  return rows;
}
