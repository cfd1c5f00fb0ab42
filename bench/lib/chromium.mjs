/** A headless Chromium: each job in a context of its own, which is a process of its own. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { answerTo } from "../peers/counting.mjs";
import { here } from "./bundle.mjs";

const { chromium } = createRequire(join(here, "../package.json"))("playwright-core");
const LIMIT_MS = 240_000;
/** How long a page waits for its user before the first span, at least. */
const IDLE_MS = 300;
const PAGE = "<!doctype html><meta charset=utf-8><title>bench</title>";
// Without these two headers a page's clock ticks in steps of 100 µs.
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

/** Serves pages and modules, takes what is posted and drops it. */
async function serve(modules) {
  const server = createServer((request, response) => {
    const path = request.url.split("?")[0];
    const headers = { ...ISOLATED, "cache-control": "no-store" };
    request.resume();
    request.on("end", () => {
      if (path === "/") response.writeHead(200, { ...headers, "content-type": "text/html" }).end(PAGE);
      else if (modules.has(path))
        response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end(modules.get(path));
      else {
        const { type, text } = answerTo(path);
        response.writeHead(200, { ...headers, "content-type": type }).end(text);
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => (server.close(), server.closeAllConnections()),
  };
}

/** CPU milliseconds of the main threads of all renderers, for which a page's user waits; `null` but in Linux. */
async function rendererCpuMs(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  let ns = 0;
  for (const { id, type } of processInfo) {
    if (type !== "renderer") continue;
    try {
      ns += Number(readFileSync(`/proc/${id}/task/${id}/schedstat`, "utf8").split(" ")[0]);
    } catch {
      // It has ended, or this is no Linux.
    }
  }
  return ns === 0 ? null : ns / 1e6;
}

/** A program in `folder` that starts `executablePath` with this priority, as other hosts are started. */
export function hurried(executablePath, nice, folder) {
  if (nice === 0) return executablePath;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "chromium.sh");
  writeFileSync(path, `#!/bin/sh\nexec nice -n ${nice} "${executablePath}" "$@"\n`, { mode: 0o755 });
  return path;
}

/** Starts a Chromium. `executablePath`: which. */
export async function startChromium(executablePath) {
  const modules = new Map();
  const server = await serve(modules);
  const browser = await chromium.launch({
    executablePath,
    handleSIGTERM: false,
    handleSIGINT: false,
    args: ["--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc --max-old-space-size=8000"],
  });
  const session = await browser.newBrowserCDPSession();

  /** Gives `use` a page that has loaded the program. */
  const withPage = async (program, use) => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(LIMIT_MS);
      await page.exposeFunction("benchCpuMs", () => rendererCpuMs(session));
      await page.goto(server.url);
      if (program !== undefined) {
        modules.set("/program.mjs", readFileSync(program));
        await page.evaluate(() => import("/program.mjs"));
      }
      return await use(page);
    } finally {
      await context.close();
    }
  };

  return {
    version: browser.version(),
    run: (program, job) => withPage(program, (page) => page.evaluate((given) => globalThis.benchRun(given), job)),

    /** Import and first span of a module in fresh pages, in milliseconds: at once, and after the page was idle. */
    cold: async (module) => {
      modules.set("/peer.mjs", module);
      const measure = (idleMs) =>
        withPage(undefined, (page) =>
          page.evaluate(async (waitMs) => {
            const before = performance.now();
            const { default: peer } = await import("/peer.mjs");
            const imported = performance.now();
            const traced = await peer.create({ mode: "drop" });
            const created = performance.now();
            if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
            const started = waitMs > 0 ? performance.now() : created;
            const span = traced.start(null, "AGENT", "chat", { role: "user", content: "hello" });
            traced.end(span, { role: "assistant", content: "hello" });
            return {
              importMs: imported - before,
              evaluateMs: globalThis.benchEnd - globalThis.benchBegin,
              firstMs: created - imported + performance.now() - started,
            };
          }, idleMs),
        );
      const first = await measure(0);
      const { firstMs: idleFirstMs } = await measure(IDLE_MS);
      return { ...first, idleFirstMs };
    },

    /** One long chat sent to a server, with the CPU milliseconds of the main thread's tasks, longest first. */
    tasks: (program, turns) =>
      withPage(program, async (page) => {
        const run = (given) =>
          page.evaluate((job) => globalThis.benchRun(job), { url: server.url.slice(0, -1), ...given });
        await run({ job: "warm", turns });
        await browser.startTracing(page, {
          categories: ["toplevel", "devtools.timeline", "v8", "disabled-by-default-v8.gc"],
        });
        const result = await run({ job: "longChat", turns });
        const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
        return { ...result, tasks: tasksOf(traceEvents) };
      }),

    async close() {
      await browser.close();
      server.close();
    },
  };
}

/** CPU milliseconds of the tasks of the busiest renderer's main thread, longest first. */
function tasksOf(events) {
  const mains = new Map();
  for (const { ph, name, pid, tid, args } of events) {
    if (ph === "M" && name === "thread_name" && args.name === "CrRendererMain") mains.set(`${pid} ${tid}`, []);
  }
  for (const { ph, name, pid, tid, tdur, dur } of events) {
    if (ph === "X" && name.endsWith("RunTask")) mains.get(`${pid} ${tid}`)?.push((tdur ?? dur) / 1000);
  }
  const sum = (tasks) => tasks.reduce((all, ms) => all + ms, 0);
  const [busiest = []] = [...mains.values()].sort((one, other) => sum(other) - sum(one));
  return busiest.sort((one, other) => other - one);
}
