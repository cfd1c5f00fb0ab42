/** Cost against the length of the history, an SVG for each mode and host, readable on light and dark pages. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { show } from "./statistics.mjs";
import { costOf, HOSTS } from "./targets.mjs";

const WHAT = { drop: "create, capture, end", serialise: "the same, and serialisation" };
const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 150;
const TOP = 44;
const BOTTOM = 48;
const LABEL_HEIGHT = 15;

// Mid tones, which stand out from white and from black; ours is the widest line as well.
const COLOURS = {
  "mlflow-ag2": "#1a7fd4",
  floor: "#8a8f98",
  "otel-json": "#d9772b",
  "otel-proto": "#b5912a",
  langfuse: "#2f9e62",
  openinference: "#c2843a",
  braintrust: "#5b7fd6",
  langsmith: "#4a9d9d",
  sentry: "#9a63c9",
  "openai-agents": "#d1517f",
};
const STYLE = [
  "text { font: 12px system-ui, sans-serif; fill: #57606a }",
  ".title { font-size: 15px; font-weight: 600 }",
  ".grid { stroke: #8a8f98; stroke-opacity: .3 }",
  "@media (prefers-color-scheme: dark) { text { fill: #b6bec9 } }",
].join(" ");

const powers = (low, high) => {
  const list = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) list.push(10 ** power);
  return list;
};

/** A text at a point. */
const text = (x, y, anchor, content) => `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`;

/** Moves labels apart that would lie upon each other. */
function apart(labels) {
  labels.sort((one, other) => one.y - other.y);
  for (let at = 1; at < labels.length; at++) labels[at].y = Math.max(labels[at].y, labels[at - 1].y + LABEL_HEIGHT);
  return labels;
}

function draw(results, mode, host) {
  const measured = results.cost[mode][host];
  const peers = Object.keys(measured);
  const lines = peers.map((peer) => {
    const turns = Object.keys(measured[peer]).map(Number);
    return { peer, points: turns.map((count) => ({ count, us: costOf(results, mode, host, peer, count) / 1000 })) };
  });
  const all = lines.flatMap(({ points }) => points);
  const counts = [...new Set(all.map(({ count }) => count))].sort((one, other) => one - other);
  const ticks = powers(Math.min(...all.map(({ us }) => us)), Math.max(...all.map(({ us }) => us)));
  const scale = (value, low, high, from, to) => from + (Math.log(value / low) / Math.log(high / low)) * (to - from);
  const x = (count) => scale(count, counts[0], counts.at(-1), LEFT, WIDTH - RIGHT);
  const y = (us) => scale(us, ticks[0], ticks.at(-1), HEIGHT - BOTTOM, TOP);
  const at = (number) => number.toFixed(1);
  const grid = ticks.map(
    (us) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(us))}" y2="${at(y(us))}"/>` +
      text(LEFT - 8, at(y(us) + 4), "end", us.toLocaleString("en-US")),
  );
  const bottom = counts.map((count) =>
    text(at(x(count)), HEIGHT - BOTTOM + 18, "middle", count.toLocaleString("en-US")),
  );
  const curves = lines.map(({ peer, points }) => {
    const places = points.map(({ count, us }) => `${at(x(count))},${at(y(us))}`).join(" ");
    const width = peer === "mlflow-ag2" ? 3.5 : 1.8;
    return `<polyline fill="none" stroke="${COLOURS[peer]}" stroke-width="${width}" points="${places}"/>`;
  });
  const labels = apart(lines.map(({ peer, points }) => ({ peer, y: y(points.at(-1).us) + 4, us: points.at(-1).us })));
  const names = labels.map(
    ({ peer, y: height, us }) =>
      `<text x="${WIDTH - RIGHT + 8}" y="${at(height)}" style="fill: ${COLOURS[peer]}">${peer} ${show(us)}</text>`,
  );
  const label = `${WHAT[mode]}: CPU time per span against turns of the chat, in ${HOSTS[host]}`;
  const axis = "turns of the chat, whose history each model call takes in";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<style>${STYLE}</style>
<text class="title" x="${LEFT}" y="22">µs of CPU per span in ${HOSTS[host]}: ${WHAT[mode]}</text>
${[...grid, ...bottom].join("\n")}
${text(at((LEFT + WIDTH - RIGHT) / 2), HEIGHT - 10, "middle", axis)}
${[...curves, ...names].join("\n")}
</svg>
`;
}

/** The names of the files: what is measured by mode, and where. */
export const plotName = (mode, host) => `${mode}-${host}.svg`;

/** Writes a file for each mode and host into `folder`. */
export function drawPlots(results, folder) {
  mkdirSync(folder, { recursive: true });
  for (const mode of Object.keys(WHAT)) {
    for (const host of Object.keys(results.cost[mode] ?? {}))
      writeFileSync(join(folder, plotName(mode, host)), draw(results, mode, host));
  }
}
