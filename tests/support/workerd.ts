/** Cloudflare's Workers on localhost: the real workerd. */

import { copyFileSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { freePort } from "./mlflow-server.js";
import { projectRoot } from "./project.js";

/** CommonJS modules require Node's modules, as wrangler lets them. */
const REQUIRE = 'import { createRequire as requireOf } from "node:module"; const require = requireOf("/worker.js");';

/** A running Worker. */
export interface Worker {
  /** For example `http://127.0.0.1:41234`. */
  uri: string;
  stop(): Promise<void>;
}

/**
 * Bundles `program` (the path of a module whose default export has `fetch`) as wrangler does, and runs it.
 *
 * @param bindings what the Worker finds in `env`.
 * @param flags compatibility flags; with "nodejs_compat" it may import Node's modules.
 */
export async function startWorker(
  program: string,
  bindings: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Worker> {
  const folder = temporaryFolder("worker");
  const port = await freePort();
  // wrangler hands WebAssembly over as modules of their own; a name without a path is such a module's.
  const wasm: string[] = [];
  await build({
    entryPoints: [program],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["node:*"],
    ...(flags.includes("nodejs_compat") && { banner: { js: REQUIRE } }),
    logLevel: "silent",
    plugins: [
      {
        name: "Node's modules",
        setup: (options) =>
          options.onResolve({ filter: /^[a-z_/]+$/ }, ({ path }) =>
            flags.includes("nodejs_compat") && builtinModules.includes(path)
              ? { path: `node:${path}`, external: true }
              : undefined,
          ),
      },
      {
        name: "wasm",
        setup: (options) =>
          options.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            copyFileSync(join(resolveDir, path), join(folder, basename(path)));
            wasm.push(basename(path));
            return { path: basename(path), external: true };
          }),
      },
    ],
  });
  const modules = [
    `(name = "worker", esModule = embed "worker.js")`,
    ...wasm.map((name) => `(name = ${JSON.stringify(name)}, wasm = embed ${JSON.stringify(name)})`),
  ];
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  writeFileSync(
    join(folder, "workerd.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [${modules.join(", ")}],
  bindings = [${texts.join(", ")}],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = [${flags.map((flag) => JSON.stringify(flag)).join(", ")}],
);
`,
  );
  const service = new Service(join(projectRoot, "node_modules", ".bin", "workerd"), ["serve", "workerd.capnp"], {
    cwd: folder,
  });
  const uri = `http://127.0.0.1:${port}`;
  await service.until(async () => ((await isListening(uri)) ? true : undefined), 180_000);
  return { uri, stop: () => service.stop() };
}

async function isListening(uri: string): Promise<boolean> {
  try {
    await (await fetch(uri, { method: "HEAD" })).body?.cancel();
    return true;
  } catch {
    return false;
  }
}
