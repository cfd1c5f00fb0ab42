/** The targets, and the figures of a run that they are of. */

import { BASE, FLOOR, OURS } from "./peers.mjs";
import { median, show } from "./statistics.mjs";

export const HOSTS = { node: "Node", deno: "Deno", bun: "Bun", chromium: "Chromium" };

/** The median of a member of the results of one round, or of all rounds. */
export const middle = (list, key, round) =>
  median((list ?? []).filter((item) => round === undefined || item.round === round).map((item) => item[key]));

/** Median nanoseconds per span. */
export const costOf = (results, mode, host, peer, turns, round) =>
  middle(results.cost[mode]?.[host]?.[peer]?.[turns], "ns", round);

/** What a span costs among many chats at once, by what it costs among as many one after the other. */
export function atOnce(results, host, peer, round) {
  const many = results.concurrency[host]?.[peer];
  return middle(many?.together, "ns", round) / middle(many?.alone, "ns", round);
}

/** What a span of a long chat costs more than one of a short chat, by what it costs more in the floor. */
export const growthShare = (cost) => (cost(OURS, 1000) - cost(OURS, 10)) / (cost(FLOOR, 1000) - cost(FLOOR, 10));

/** The share of tracing in conversations of our agents, in percent, of each pair of measurements. */
export const sharesOfTracing = (list) => (list ?? []).map(({ offMs, onMs }) => ((onMs - offMs) / onMs) * 100);

/** What a span of structured data costs, by `JSON.stringify` of the data, of each pair of measurements. */
export const timesOfJson = (list) => (list ?? []).map(({ jsonMs, spanMs }) => spanMs / jsonMs);

/** The name and the ratios of the structure whose median ratio is the largest. */
function worstStructure(results, host) {
  const all = Object.entries(results.structures[host] ?? {}).map(([name, list]) => [name, timesOfJson(list)]);
  return all.sort(([, one], [, other]) => median(other) - median(one))[0] ?? ["", []];
}

/** Least and largest of the numbers. */
export function spread(numbers) {
  const finite = numbers.filter(Number.isFinite);
  return finite.length < 2 ? "–" : `${show(Math.min(...finite))} to ${show(Math.max(...finite))}`;
}

/** The targets and what became of them: what, where, reached (the median), least and largest, target, met. */
export function targets(results, plan) {
  const rows = [];
  const rounds = Array.from({ length: plan.rounds }, (_, at) => at + 1);
  const aim = (what, where, values, limit, unit = "×") => {
    const reached = median(values.filter(Number.isFinite));
    if (!Number.isFinite(reached)) return;
    const isMet = reached <= limit ? "yes" : "**no**";
    rows.push([what, where, `${show(reached)} ${unit}`, spread(values), `≤ ${show(limit)} ${unit}`, isMet]);
  };
  for (const [host, where] of Object.entries(HOSTS)) {
    // Each round measures all of a ratio one after the other: its ratio is the one that disturbances change least.
    const each = (ratio) => rounds.map((round) => ratio((...what) => costOf(results, ...what, round)));
    const drop = (peer, turns) => ["drop", host, peer, turns];
    const serialise = (peer, turns) => ["serialise", host, peer, turns];
    const toBase = (which, turns) => each((cost) => cost(...which(OURS, turns)) / cost(...which(BASE, turns)));
    aim("create + capture + end at 100 turns ÷ OTel JSON", where, toBase(drop, 100), 0.25);
    const toFloor = each((cost) => cost(...drop(OURS, 100)) / cost(...drop(FLOOR, 100)));
    aim("the same ÷ floor", where, toFloor, 1 / 3);
    const growth = each((cost) => growthShare((peer, turns) => cost(...drop(peer, turns))));
    aim("growth from 10 to 1,000 turns ÷ the floor's growth", where, growth, 0.06);
    aim("with serialisation at 100 turns ÷ OTel JSON", where, toBase(serialise, 100), 0.5);
    aim("10 turns ÷ OTel JSON", where, toBase(drop, 10), host === "chromium" ? 0.9 : 1);
    const many = rounds.map((round) => atOnce(results, host, OURS, round) / atOnce(results, host, FLOOR, round));
    aim("1,000 chats at once ÷ one by one, ÷ the same of the floor", where, many, 1.05);
    const [structure, ratios] = worstStructure(results, host);
    aim(`a span of structured data (${structure}, the slowest) ÷ JSON.stringify`, where, ratios, 3);
    aim(
      "tracing in a run of agents whose model responds at once",
      where,
      sharesOfTracing(results.agents[host]),
      30,
      "%",
    );
    const hooks = rounds.map((round) => middle(results.hook[host], "report", round));
    aim("disabled hook over the bare call", where, hooks, 20, "ns");
  }
  const { each: counted, tool } = results.instructions ?? {};
  if (counted !== undefined) {
    const where = `Node, instructions (${tool})`;
    const growth = growthShare((peer, turns) => counted[`${turns} turns`]?.[peer]);
    aim("growth from 10 to 1,000 turns ÷ the floor's growth", where, [growth], 0.06);
    const together = (peer) => counted["at once"]?.[peer] / counted["one by one"]?.[peer];
    aim("1,000 chats at once ÷ one by one, ÷ the same of the floor", where, [together(OURS) / together(FLOOR)], 1.05);
    const { off, on } = counted["agents"] ?? {};
    aim("tracing in a run of agents whose model responds at once", where, [((on - off) / on) * 100], 30, "%");
  }
  const kept = (results.memory[OURS] ?? []).map((bytes, at) => bytes / results.memory[BASE]?.[at]);
  aim("bytes per buffered span at 200 turns ÷ OTel JSON", "Node", kept, 0.2);
  const cold = results.cold.chromium?.[OURS] ?? [];
  const ms = (key) => cold.map((each) => each[key]);
  aim("import: run of the module", "Chromium", ms("evaluateMs"), 1, "ms");
  aim("first use", "Chromium", ms("firstMs"), 15, "ms");
  const idle = (peer) => (results.cold.chromium?.[peer] ?? []).map(({ idleFirstMs }) => idleFirstMs);
  const ofBase = median(idle(BASE));
  aim(
    "set-up and first span of a page that was idle between ÷ OTel JSON",
    "Chromium",
    idle(OURS).map((each) => each / ofBase),
    1,
  );
  aim("longest task of one long chat", "Chromium", [results.long?.tasks[0]], 10, "ms CPU");
  return rows;
}
