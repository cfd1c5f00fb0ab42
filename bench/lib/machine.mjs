/** Where and with what was measured. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { here } from "./bundle.mjs";

const ask = (program, words) => {
  try {
    return execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
      .split("\n")[0]
      .trim();
  } catch {
    return "–";
  }
};

/** Machine, versions of hosts and packages, and date. */
export async function machine({ chromium, quick, seconds }) {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  const { version } = JSON.parse(readFileSync(join(here, "../package.json"), "utf8"));
  const [first] = cpus();
  const processor = `${cpus().length} × ${first?.model.trim() ?? "?"}`;
  return {
    date: new Date().toISOString().slice(0, 10),
    seconds,
    quick,
    system: `${platform()} ${release().split("-")[0]} ${arch()}, ${processor}, ${Math.round(totalmem() / 2 ** 30)} GB`,
    load: loadavg().map((load) => load.toFixed(1)),
    hosts: {
      Node: process.versions.node,
      ...(process.env.DENO ? { Deno: ask(process.env.DENO, ["--version"]).split(" ")[1] } : {}),
      ...(process.env.BUN ? { Bun: ask(process.env.BUN, ["--version"]) } : {}),
      ...(chromium ? { Chromium: chromium } : {}),
    },
    packages: { "mlflow-ag2": version, ...dependencies },
  };
}
