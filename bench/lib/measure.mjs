/** What is measured inside a host, for any peer. Runs in every host: nothing of Node's but what is looked up. */

import { agents } from "./agents.mjs";
import { base64 } from "./base64.mjs";
import { runTogether, steps } from "./steps.mjs";
import { structures } from "./structures.mjs";
import { now, timed } from "./timing.mjs";
import { visible, wire } from "./wire.mjs";
import { beginChat, makeChat, runChat, runTurn, spansOf } from "./workload.mjs";

const LONG_TURNS = 1000;

const collect = () => (globalThis.gc ?? (globalThis.Bun ? () => Bun.gc(true) : () => {}))();

/** Nanoseconds per span: of CPU where available, else of wall time. */
const perSpan = ({ wallMs, cpuMs: cpu }, spans) => ({
  ns: ((cpu ?? wallMs) * 1e6) / spans,
  wallNs: (wallMs * 1e6) / spans,
});

/** Measures `work(chat)` on one chat after the other, as many per repetition as take `targetMs`. */
async function repeat(peer, work, spans, { reps, warmMs, targetMs }) {
  const once = async (count) => {
    const result = await timed(async () => {
      for (let at = 0; at < count; at++) work();
      await peer.drain();
      if (peer.mode === "serialise") await peer.flush();
    });
    await peer.reset();
    return perSpan(result, count * spans);
  };
  // Warms up by the wall clock alone: asking a page's driver for its CPU time takes longer than a short chat.
  let quickest = Number.POSITIVE_INFINITY;
  // Time to drop what is finished is not measured, and does not count as time to warm up.
  for (let warm = 0, spent = 0; warm === 0 || (spent < warmMs && warm < 20_000); warm++) {
    const before = now();
    work();
    await peer.drain();
    if (peer.mode === "serialise") await peer.flush();
    const took = now() - before;
    // The quickest of them: what was held up by others would make repetitions too short to mean anything.
    quickest = Math.min(quickest, took);
    spent += took;
    await peer.reset();
  }
  const count = Math.max(1, Math.min(400, Math.ceil(targetMs / Math.max(quickest, 0.05))));
  if (count > 1) await once(count);
  const results = [];
  for (let at = 0; at < reps; at++) {
    collect();
    results.push(await once(count));
  }
  return results;
}

/** Nanoseconds per span of chats of different lengths. The first of them warms up the code for all. */
async function cost(adapter, { mode, turns, reps, warmMs, targetMs }) {
  const peer = await adapter.create({ mode });
  const results = {};
  for (const count of turns) {
    const chat = makeChat(count);
    // Minutes, for those who write down half a million messages: fewer repetitions will do, of which no target is made.
    const isLong = count >= LONG_TURNS;
    const isFirst = count === turns[0];
    const limits =
      isLong && adapter.hooks === undefined
        ? { reps: 1, warmMs: 0, targetMs: 0 }
        : { reps, warmMs: isFirst ? warmMs : warmMs / 4, targetMs };
    results[count] = await repeat({ ...peer, mode }, () => runChat(peer, chat), spansOf(count), limits);
  }
  return results;
}

/** Nanoseconds per span of many different chats, one after the other and concurrently, so that none is cached. */
async function concurrency(adapter, { chats: count, turns, reps }) {
  const peer = await adapter.create({ mode: "drop" });
  const chats = Array.from({ length: count }, (_, at) => makeChat(turns, at + 1));
  const spans = count * spansOf(turns);
  const alone = () => chats.forEach((chat) => runChat(peer, chat));
  const together = () => runTogether(peer, chats, turns);
  const results = { alone: [], together: [] };
  for (let at = 0; at <= reps; at++) {
    for (const [name, work] of Object.entries({ alone, together })) {
      collect();
      const result = await timed(async () => {
        work();
        await peer.drain();
      });
      await peer.reset();
      if (at > 0) results[name].push(perSpan(result, spans));
    }
  }
  return results;
}

/** Bytes of memory per span that waits for its trace's end, in Node; of several chats, to average allocation blocks. */
async function memory(adapter, { turns, chats }) {
  const used = () => {
    for (let at = 0; at < 4; at++) globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const peer = await adapter.create({ mode: "retain" });
  for (let at = 0; at < 30; at++) runChat(peer, makeChat(5, 3));
  await peer.drain();
  await peer.reset();
  const before = used();
  const roots = [];
  // In a function of its own: the chats themselves must not be counted.
  const runAll = () => {
    for (let at = 0; at < chats; at++) {
      const chat = makeChat(turns, at + 1);
      const root = beginChat(peer, chat);
      for (const turn of chat.turns) runTurn(peer, root, turn);
      roots.push(root);
    }
  };
  runAll();
  await peer.drain();
  const bytes = (used() - before) / (chats * (spansOf(turns) - 1));
  return { bytes, roots: roots.length };
}

/** Runs one chat after a short one, and gives what the transport was given. */
async function check(adapter, { turns, keepBodies }) {
  const peer = await adapter.create({ mode: "serialise", keepBodies });
  const chat = makeChat(turns);
  const crossings = [];
  for (let at = 0; at < 3; at++) {
    const stop = peer.countCrossings?.();
    runChat(peer, chat);
    if (stop !== undefined) crossings.push(stop());
  }
  await peer.drain();
  await peer.flush();
  const { requests, bytes, bodies } = peer.stats();
  return { requests, bytes, crossings, bodies: bodies?.map((body) => base64(body)) };
}

/** Nanoseconds that a hook adds to a call while tracing is off. Only our own package has such hooks. */
async function hook(adapter, { reps, calls }) {
  const { bare, hooked } = await adapter.hooks();
  const time = async (call) => {
    let sum = 0;
    // A loop of its own for each function, so that the engine treats each as if it were the only one.
    const loop = new Function(
      "call",
      "calls",
      "let sum = 0; for (let at = 0; at < calls; at++) sum += call(at); return sum;",
    );
    loop(call, calls);
    const result = await timed(async () => {
      sum = loop(call, calls);
    });
    return sum < 0 ? Number.NaN : perSpan(result, calls).ns;
  };
  const results = [];
  for (let at = 0; at < reps; at++) {
    const plain = await time(bare);
    const row = { bare: plain };
    for (const [name, call] of Object.entries(hooked)) row[name] = (await time(call)) - plain;
    results.push(row);
  }
  return results;
}

/** One chat of many turns, each in its own task, sent to a real address, to measure the tasks. */
async function longChat(adapter, { turns, url }) {
  const peer = await adapter.create({ mode: "http", url });
  const chat = longOne ?? makeChat(turns);
  const pause = () => new Promise((resolve) => setTimeout(resolve));
  const root = beginChat(peer, chat);
  for (const turn of chat.turns) {
    await pause();
    runTurn(peer, root, turn);
  }
  await pause();
  peer.end(root, chat.outputs);
  await pause();
  await peer.flush();
  return peer.stats();
}

let longOne;

/** The start of a page, so that neither building the chat nor loading a core is part of a measurement. */
async function warm(adapter, { url, turns }) {
  longOne = makeChat(turns);
  const peer = await adapter.create({ mode: "http", url });
  peer.end(peer.start(null, "AGENT", "warm", {}), {});
  await peer.flush();
}

/** The jobs by name. */
export const jobs = {
  agents,
  cost,
  concurrency,
  memory,
  check,
  hook,
  warm,
  longChat,
  steps,
  structures,
  visible,
  wire,
};
