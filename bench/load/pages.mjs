// A process that plays several pages, each in a thread of its own with its own tracer. It prints their counts as JSON.

import { Worker } from "node:worker_threads";

const { pages, ...settings } = JSON.parse(process.argv[2]);

function play(seed) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./page.mjs", import.meta.url), { workerData: { ...settings, seed } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

const counts = await Promise.all(pages.map(play));
console.log(`RESULT ${JSON.stringify(counts)}`);
process.exit();
