/** What was measured, as Markdown. */

import { median, show, table } from "./statistics.mjs";

const HOSTS = { node: "Node", deno: "Deno", bun: "Bun", chromium: "Chromium" };
const BASE = "otel-json";
const FLOOR = "floor";

const middle = (list, key) => median((list ?? []).map((item) => item[key]));

/** Median nanoseconds per span. */
export const costOf = (results, mode, host, peer, turns) => middle(results.cost[mode]?.[host]?.[peer]?.[turns], "ns");

const ratio = (one, other) => show(one / other, 2);

function costTable(results, mode, host, turns) {
  const peers = Object.keys(results.cost[mode]?.[host] ?? {});
  const cost = (peer, count) => costOf(results, mode, host, peer, count);
  const head = [HOSTS[host], ...turns.map((count) => `${count} turns`)];
  const shared = turns.includes(100) ? 100 : turns.at(-1);
  head.push(`÷ OTel JSON at ${shared}`, `÷ floor at ${shared}`);
  const rows = peers.map((peer) => [
    peer,
    ...turns.map((count) => show(cost(peer, count) / 1000)),
    ratio(cost(peer, shared), cost(BASE, shared)),
    ratio(cost(peer, shared), cost(FLOOR, shared)),
  ]);
  return table([head, ...rows]);
}

/** What a span costs among many chats at once, by what it costs among as many one after the other. */
function atOnce(results, host, peer) {
  const many = results.concurrency[host]?.[peer];
  return middle(many?.together, "ns") / middle(many?.alone, "ns");
}

/** The targets and what became of them: what, where, reached, target, met. */
export function targets(results, ours) {
  const rows = [];
  const aim = (what, host, value, limit, unit = "×") => {
    if (Number.isFinite(value))
      rows.push([
        what,
        HOSTS[host],
        `${show(value)} ${unit}`,
        `≤ ${show(limit)} ${unit}`,
        value <= limit ? "yes" : "**no**",
      ]);
  };
  for (const host of Object.keys(HOSTS)) {
    const drop = (peer, turns) => costOf(results, "drop", host, peer, turns);
    const serialise = (peer, turns) => costOf(results, "serialise", host, peer, turns);
    aim("create + capture + end at 100 turns ÷ OTel JSON", host, drop(ours, 100) / drop(BASE, 100), 0.25);
    aim("the same ÷ floor", host, drop(ours, 100) / drop(FLOOR, 100), 1 / 3);
    aim("1,000 turns ÷ 10 turns", host, drop(ours, 1000) / drop(ours, 10), 2);
    aim("with serialisation at 100 turns ÷ OTel JSON", host, serialise(ours, 100) / serialise(BASE, 100), 0.5);
    aim("10 turns ÷ OTel JSON", host, drop(ours, 10) / drop(BASE, 10), 1);
    aim("1,000 chats at once ÷ one by one", host, atOnce(results, host, ours), 1);
    aim("disabled hook over the bare call", host, middle(results.hook[host], "report"), 20, "ns");
  }
  aim(
    "bytes per buffered span at 200 turns ÷ OTel JSON",
    "node",
    median(results.memory[ours] ?? []) / median(results.memory[BASE] ?? []),
    0.2,
  );
  const cold = results.cold.chromium?.[ours];
  aim("import: run of the module", "chromium", middle(cold, "evaluateMs"), 1, "ms");
  aim("first use", "chromium", middle(cold, "firstMs"), 15, "ms");
  aim("longest task of one long chat", "chromium", results.long?.tasks[0], 10, "ms CPU");
  return rows;
}

/** Joins the lines of a paragraph. */
const sentences = (...lines) => lines.join(" ");

/** How many targets are met; those that are not are marked in the table. */
function summary(aims) {
  const met = aims.filter((row) => row.at(-1) === "yes").length;
  const others = met === aims.length ? "" : "; **no** marks the others";
  return `${met} of ${aims.length} are met${others}. Each is a ratio, or a figure, of this one run.`;
}

function otherTables(results) {
  const peers = Object.keys(results.size);
  const cold = (host, peer, key) => show(middle(results.cold[host]?.[peer], key));
  return [
    "## Memory, size, cold start",
    sentences(
      "Bytes of memory per span that waits, in a chat of 200 turns in Node.",
      "Bytes that a page downloads, bundled and minified.",
      "Milliseconds of wall time of a cold start: the whole import, the run of the module's own code in it, and the",
      "first span.",
    ),
    table([
      [
        "",
        "bytes/span",
        "min",
        "gzip",
        "brotli",
        "Node import",
        "run",
        "first span",
        "Chromium import",
        "run",
        "first span",
      ],
      ...peers.map((peer) => {
        const size = results.size[peer] ?? {};
        const starts = ["node", "chromium"].flatMap((host) =>
          ["importMs", "evaluateMs", "firstMs"].map((key) => cold(host, peer, key)),
        );
        return [
          peer,
          show(median(results.memory[peer] ?? []), 4),
          ...[size.min, size.gzip, size.brotli].map((bytes) => show(bytes, 3)),
          ...starts,
        ];
      }),
    ]),
  ];
}

function ownTables(results, ours) {
  const hosts = Object.keys(HOSTS).filter((host) => results.concurrency[host] !== undefined);
  const peers = Object.keys(results.concurrency[hosts[0]] ?? {});
  const cost = (host, peer, way) => show(middle(results.concurrency[host]?.[peer]?.[way], "ns") / 1000);
  const parts = [
    "## Many chats",
    sentences(
      "1,000 different chats of 10 turns, µs of CPU per span: one by one / all at once, a turn of each in turns, and",
      "the ratio. The floor stores nothing of a chat: its ratio is the cost of switching between a thousand chats by",
      "itself, in the machine's caches.",
    ),
    table([
      ["", ...hosts.map((host) => HOSTS[host])],
      ...peers.map((peer) => [
        peer,
        ...hosts.map(
          (host) =>
            `${cost(host, peer, "alone")} / ${cost(host, peer, "together")}: ${show(atOnce(results, host, peer))} ×`,
        ),
      ]),
    ]),
    `## ${ours} alone`,
    "What a hook adds to a call while tracing is off, in ns.",
    table([
      ["", ...hosts.map((host) => HOSTS[host])],
      ["a report of the agents, off", ...hosts.map((host) => show(middle(results.hook[host], "report")))],
      ["`trace(function)`, off", ...hosts.map((host) => show(middle(results.hook[host], "trace")))],
    ]),
  ];
  if (results.long !== undefined) {
    const { tasks, requests, bytes } = results.long;
    const over = tasks.filter((ms) => ms > 10).length;
    const next = tasks.slice(1, 5).map((ms) => show(ms));
    parts.push(
      sentences(
        `One long chat in a page of Chromium, sent to a server: ${requests} requests, ${show(bytes / 1e6)} MB as sent;`,
        `the longest task of the page's main thread took ${show(tasks[0])} ms of CPU, ${over} took over 10 ms`,
        `(the next: ${next.join(", ")} ms).`,
      ),
    );
  }
  return parts;
}

/** The cost of tracing in a program of our agents whose model and tools respond at once. */
function agentsTable(results, plan) {
  const hosts = Object.keys(HOSTS).filter((host) => results.agents?.[host] !== undefined);
  if (hosts.length === 0) return [];
  const rows = hosts.map((host) => {
    const list = results.agents[host];
    const [off, on, spans] = ["offMs", "onMs", "spans"].map((key) => middle(list, key));
    // Of each pair, measured one after the other.
    const added = median(list.map(({ offMs, onMs }) => onMs - offMs));
    return [
      HOSTS[host],
      show(off),
      show(on),
      show(spans),
      show((added * 1000) / spans),
      `${show((added / on) * 100, 2)} %`,
    ];
  });
  return [
    "## Agents",
    sentences(
      `A conversation of ${plan.agentTurns} turns of two agents of \`mlflow-ag2/agents\`, whose model responds at once`,
      "and asks for a tool in every second turn: ms of CPU for all of it, while tracing is off and on. A real model",
      "takes seconds for what takes no time here, so the last column is the largest share that tracing can have.",
    ),
    table([["", "off", "on", "spans", "added, µs per span", "added, part of the whole"], ...rows]),
  ];
}

/** All of it. */
export function report(results, { ours, plan }) {
  const { machine } = results;
  const list = (of) =>
    Object.entries(of)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
  const hosts = Object.keys(HOSTS).filter((host) => results.cost.drop?.[host] !== undefined);
  const aims = targets(results, ours);
  const smoke = machine.quick ? " (`--quick`: a smoke run, no measurement)" : "";
  const parts = [
    "# Results of the benchmark",
    sentences(
      `Written by \`cargo xtask bench\` on ${machine.date}${smoke}, which took ${machine.seconds} s.`,
      "What is measured, and how: [README.md](README.md).",
    ),
    [
      `- Machine: ${machine.system}; load ${machine.load.join(", ")} at the end`,
      `- Hosts: ${list(machine.hosts)}`,
      `- Packages: ${list(machine.packages)}`,
    ].join("\n"),
    "## Targets",
    summary(aims),
    table([["what", "where", "reached", "target", "met"], ...aims]),
    "## Create, capture, end",
    sentences(
      `CPU µs per span; what is finished is dropped. Medians of ${plan.rounds} rounds of ${plan.reps} repetitions for`,
      `${ours}, ${FLOOR} and ${BASE} (of one at 1,000 turns for the latter two), of ${plan.roundsOfOthers} of one for`,
      "the others (a single one at 1,000 turns).",
    ),
    ...hosts.map((host) => costTable(results, "drop", host, plan.drop)),
    "## The same, and serialisation",
    "CPU µs per span; bodies as they would be sent are made and counted, uncompressed.",
    ...hosts.map((host) => costTable(results, "serialise", host, plan.serialise)),
    ...otherTables(results),
    ...agentsTable(results, plan),
    ...ownTables(results, ours),
  ];
  if (results.problems.length > 0)
    parts.push("## What failed", results.problems.map((problem) => `- ${problem}`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}
