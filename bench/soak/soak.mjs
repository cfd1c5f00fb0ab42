/**
 * Three tabs of Chromium that chat for half an hour, frozen in turns, while the server is away a third of the time:
 * `node bench/soak/soak.mjs --work FOLDER [--minutes N]`. It fails if memory grows by more than 5 % from the middle to
 * the end, or if the counts of a tab do not add up. MLFLOW_AG2_PYTHON has MLflow, POSTGRES is the folder of
 * PostgreSQL's programs, CHROMIUM the browser. `cargo xtask bench soak` starts it.
 */

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { startFront, startMlflow, startPostgres, storedSpans } from "../load/servers.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const { chromium } = createRequire(join(here, "../../package.json"))("playwright-core");
const { values: given } = parseArgs({
  options: { work: { type: "string" }, minutes: { type: "string", default: "30" } },
});
const TABS = 3;
const LARGEST_GROWTH = 1.05;
const DRAIN_MS = 300_000;
const WARM_UP_LIMIT_MS = 600_000;
/** A sixth of the time the server is away, twice; so are the tabs frozen. */
const STEPS = 24;
const stepMs = (Number(given.minutes) * 60_000) / STEPS;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The site of the tabs. */
async function startSite() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "page.mjs")],
    nodePaths: [join(given.work, "node_modules")],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  const script = outputFiles[0].text;
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(
      isScript ? script : '<!doctype html><title>soak</title><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { uri: `http://localhost:${server.address().port}`, stop: () => server.close() };
}

/** The bytes that a tab uses after a collection: its objects and buffers, and the memory of the module. */
async function usedBytes({ page, session }) {
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize = 0 } = await session.send("Runtime.getHeapUsage");
  return { page: usedSize + backingStorageSize, module: await page.evaluate(() => globalThis.soak.moduleBytes()) };
}

/** By how much it grew from the middle to the end; before that, memory still fills with the traces that it keeps. */
const growth = (bytes, of) => bytes.at(-1)[of] / bytes.at(Math.floor(bytes.length / 2) - 1)[of];
const dropped = (stats) => Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
const isBalanced = (stats) =>
  stats.started === stats.delivered + stats.inMemory + stats.buffered + stats.open + dropped(stats);

mkdirSync(given.work, { recursive: true });
const postgres = await startPostgres(process.env.POSTGRES);
const database = postgres.database("soak");
const mlflow = await startMlflow(process.env.MLFLOW_AG2_PYTHON, database.uri);
const front = await startFront([mlflow.uri]);
const site = await startSite();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"],
});
const context = await browser.newContext();
const tabs = [];
for (let count = 0; count < TABS; count += 1) {
  const page = await context.newPage();
  await page.goto(`${site.uri}/?trackingUri=${encodeURIComponent(front.uri)}`);
  tabs.push({ page, session: await context.newCDPSession(page), bytes: [] });
}
for (const tab of tabs) {
  await tab.page.waitForFunction(() => globalThis.soak !== undefined, undefined, { timeout: WARM_UP_LIMIT_MS });
  tab.startedBefore = await tab.page.evaluate(() => globalThis.soak.startedBefore);
}

for (let step = 0; step < STEPS; step += 1) {
  // Away in steps 4, 5, 10, 11, …; one tab after the other is frozen, each for one step.
  if (step % 6 === 4) front.close();
  if (step % 6 === 0) front.open();
  const frozen = tabs[step % (2 * TABS)];
  await frozen?.session.send("Page.setWebLifecycleState", { state: "frozen" });
  await wait(stepMs);
  await frozen?.session.send("Page.setWebLifecycleState", { state: "active" });
  // Where the server has been there for a while: what waits for it is gone.
  if (step % 6 !== 3) continue;
  for (const tab of tabs) tab.bytes.push(await usedBytes(tab));
  const stats = await Promise.all(tabs.map(({ page }) => page.evaluate(() => globalThis.soak.stats())));
  const line = tabs.map(({ bytes }, index) => {
    const { page, module } = bytes.at(-1);
    const { started, delivered, buffered } = stats[index];
    const size = `${(page / 1e6).toFixed(2)} MB and ${(module / 1e6).toFixed(2)} MB`;
    return `${size}, ${started} spans (${delivered} delivered, ${buffered} wait)`;
  });
  console.log(`step ${step + 1} of ${STEPS}: ${line.join("; ")}`);
}
front.open();

const ends = await Promise.all(
  tabs.map(({ page }) => page.evaluate((drainMs) => globalThis.soak.end(drainMs), DRAIN_MS)),
);
const { rows, onlyInFiles } = storedSpans(database, [mlflow]);
const stored = rows + onlyInFiles;
const { byPath } = await front.report();
const started = ends.reduce((sum, stats, index) => sum + stats.started - tabs[index].startedBefore, 0);
const results = tabs.map(({ bytes }, index) => {
  const { [index]: stats } = ends;
  const grown = { page: growth(bytes, "page"), module: growth(bytes, "module") };
  return { growth: grown, bytes, isBalanced: isBalanced(stats), stats };
});
await browser.close();
site.stop();
await front.stop();
await mlflow.stop();
await postgres.stop();

const report = {
  minutes: Number(given.minutes),
  started,
  stored,
  onlyInFiles,
  lost: started - stored,
  byPath,
  results,
};
writeFileSync(join(given.work, "soak.json"), JSON.stringify(report, undefined, 2));
for (const { growth: grown, isBalanced: isRight, stats } of results) {
  const memory = `page × ${grown.page.toFixed(3)}, module × ${grown.module.toFixed(3)}`;
  console.log(`${memory}; counts ${isRight ? "add up" : "do NOT add up"}; ${dropped(stats)} spans dropped`);
}
console.log(`${started} spans started, ${stored} stored, ${onlyInFiles} of them in files alone`);
const isFlat = ({ growth: { page, module } }) => Math.max(page, module) <= LARGEST_GROWTH;
const isGood =
  results.every((result) => isFlat(result) && result.isBalanced) && started === stored && onlyInFiles === 0;
process.exit(isGood ? 0 : 1);
