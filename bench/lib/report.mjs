/** What was measured, as Markdown. */

import { BASE, FLOOR, OURS } from "./peers.mjs";
import { median, show, table } from "./statistics.mjs";
import { atOnce, costOf, HOSTS, middle, sharesOfTracing, spread, targets, timesOfJson } from "./targets.mjs";

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

/** Joins the lines of a paragraph. */
const sentences = (...lines) => lines.join(" ");

/** How many targets are met; those that are not are marked in the table. */
function summary(aims) {
  const met = aims.filter((row) => row.at(-1) === "yes").length;
  const others = met === aims.length ? "" : "; **no** marks the others";
  return sentences(
    `${met} of ${aims.length} are met${others}. Each is a ratio, or a figure, of this one run: the median of its`,
    "rounds, and the least and largest of them.",
  );
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
      "set-up with the first span, which follows at once, or (idle) after the page has waited for its user.",
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
        "idle",
      ],
      ...peers.map((peer) => {
        const size = results.size[peer] ?? {};
        const keys = { node: [], chromium: ["idleFirstMs"] };
        const starts = Object.entries(keys).flatMap(([host, more]) =>
          ["importMs", "evaluateMs", "firstMs", ...more].map((key) => cold(host, peer, key)),
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

function ownTables(results) {
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
    `## ${OURS} alone`,
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
    const added = list.map(({ offMs, onMs }) => ((onMs - offMs) * 1000) / spans);
    const shares = sharesOfTracing(list);
    return [
      HOSTS[host],
      show(off),
      show(on),
      show(spans),
      `${show(median(added))} (${spread(added)})`,
      `${show(median(shares), 2)} % (${spread(shares)})`,
    ];
  });
  return [
    "## Agents",
    sentences(
      `A conversation of ${plan.agentTurns} turns of two agents of \`mlflow-ag2/agents\`, whose model responds at once`,
      "and asks for a tool in every second turn: ms of CPU for all of it, while tracing is off and on. A real model",
      "takes seconds for what takes no time here, so the last column is the largest share that tracing can have. In",
      "brackets: the least and the largest of the pairs that were measured.",
    ),
    table([["", "off", "on", "spans", "added, µs per span", "added, part of the whole"], ...rows]),
  ];
}

/** What a span of structured data costs. */
function structuresTable(results) {
  const hosts = Object.keys(HOSTS).filter((host) => results.structures[host] !== undefined);
  if (hosts.length === 0) return [];
  const names = Object.keys(results.structures[hosts[0]]);
  const cell = (list) => {
    const ratios = timesOfJson(list);
    const ms = `${show(middle(list, "jsonMs"))} → ${show(middle(list, "spanMs"))}`;
    return `${ms}: ${show(median(ratios))} × (${spread(ratios)})`;
  };
  return [
    "## Structured data",
    sentences(
      "A span whose inputs are a large value, by `JSON.stringify` of that value: ms of CPU of both, the ratio, and its",
      "least and largest. The span reads each part of the value once, looks for secrets in all names and texts, and",
      "passes the text to the core.",
    ),
    table([
      ["", ...hosts.map((host) => HOSTS[host])],
      ...names.map((name) => [name, ...hosts.map((host) => cell(results.structures[host][name]))]),
    ]),
  ];
}

/** What was counted in instructions. */
function instructionsTable(results) {
  if (results.instructions === undefined) return [];
  const { tool, each } = results.instructions;
  const columns = [...new Set(Object.values(each).flatMap((of) => Object.keys(of)))];
  return [
    "## Instructions",
    sentences(
      `Instructions in Node, counted by ${tool}: per span; of agents per conversation. Other programs of the machine`,
      "hardly change them. They count neither waiting for memory nor its caches.",
    ),
    table([
      ["", ...columns],
      ...Object.entries(each).map(([name, of]) => [name, ...columns.map((at) => show(of[at]))]),
    ]),
  ];
}

/** All of it. */
export function report(results, plan) {
  const { machine } = results;
  const list = (of) =>
    Object.entries(of)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ");
  const hosts = Object.keys(HOSTS).filter((host) => results.cost.drop?.[host] !== undefined);
  const aims = targets(results, plan);
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
    table([["what", "where", "reached", "least to largest", "target", "met"], ...aims]),
    "## Create, capture, end",
    sentences(
      `CPU µs per span; what is finished is dropped. Medians of ${plan.rounds} rounds of ${plan.reps} repetitions for`,
      `${OURS}, ${FLOOR} and ${BASE} (of one at 1,000 turns for the latter two), of ${plan.roundsOfOthers} of one for`,
      "the others (a single one at 1,000 turns).",
    ),
    ...hosts.map((host) => costTable(results, "drop", host, plan.drop)),
    "## The same, and serialisation",
    "CPU µs per span; bodies as they would be sent are made and counted, uncompressed.",
    ...hosts.map((host) => costTable(results, "serialise", host, plan.serialise)),
    ...otherTables(results),
    ...structuresTable(results),
    ...agentsTable(results, plan),
    ...ownTables(results),
    ...instructionsTable(results),
  ];
  if (results.problems.length > 0)
    parts.push("## What failed", results.problems.map((problem) => `- ${problem}`).join("\n"));
  return `${parts.join("\n\n")}\n`;
}
