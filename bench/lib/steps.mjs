/** Work without a clock, for tools that count instructions: so many times the same, after the same preparations. */

import { beginChat, makeChat, runChat, runTurn } from "./workload.mjs";

/** Runs a kind of work `times` times; `most` is the largest number of times that it is asked for. */
export async function steps(adapter, { kind, turns, chats, times, most }) {
  const work = await KINDS[kind](adapter, { turns, chats, most });
  for (let at = 0; at < times; at++) {
    const done = work(at);
    if (done instanceof Promise) await done;
  }
  return { times };
}

// Nothing is awaited but agents, so that only the tracer is counted, and no sending.
const KINDS = {
  /** A chat. */
  async chat(adapter, { turns }) {
    const peer = await adapter.create({ mode: "drop" });
    const chat = makeChat(turns);
    return () => runChat(peer, chat);
  },

  /** Many chats, one after the other. */
  async alone(adapter, { turns, chats }) {
    const peer = await adapter.create({ mode: "drop" });
    const all = makeChats(turns, chats);
    return () => all.forEach((chat) => runChat(peer, chat));
  },

  /** The same at once, a turn of each in turns. */
  async together(adapter, { turns, chats }) {
    const peer = await adapter.create({ mode: "drop" });
    const all = makeChats(turns, chats);
    return () => runTogether(peer, all, turns);
  },

  agentsOff: (adapter, options) => conversations(adapter, false, options),
  agentsOn: (adapter, options) => conversations(adapter, true, options),
};

const makeChats = (turns, count) => Array.from({ length: count }, (_, at) => makeChat(turns, at + 1));

/** Conversations of our agents, all of whose agents are made before. */
async function conversations(adapter, isOn, { turns, most }) {
  const peer = await adapter.create();
  const fixtures = Array.from({ length: most }, () => peer.agents(turns));
  peer.trace(isOn);
  return (at) => peer.chat(fixtures[at], turns);
}

/** Runs all chats at once, a turn of each in turns. */
export function runTogether(peer, chats, turns) {
  const roots = chats.map((chat) => beginChat(peer, chat));
  for (let at = 0; at < turns; at++) chats.forEach((chat, which) => runTurn(peer, roots[which], chat.turns[at]));
  chats.forEach((chat, which) => peer.end(roots[which], chat.outputs));
}
