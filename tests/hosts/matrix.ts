/** Every host that the package is for, and how it is proven there: the one table. */

import {
  withEsbuild,
  withLazy,
  withRollup,
  withViteBuild,
  withViteDev,
  withWebpack,
} from "../support/matrix/bundlers.js";
import {
  inBun,
  inDenoByUrl,
  inDenoFromNpm,
  inNode,
  inNodeByRequire,
  inNodeWithSlim,
} from "../support/matrix/commands.js";
import type { RunExample } from "../support/matrix/context.js";
import { inServiceWorker, inWebWorker, withImportMap, withRelativeUrls, withSlim } from "../support/matrix/pages.js";
import { inNextEdgeRoute, inNextPage, inWorkers } from "../support/matrix/servers.js";

/** One host: how the example runs there, or why it cannot be. */
export type Host = { readonly how: string } & ({ readonly run: RunExample } | { readonly missing: string });

/** By name. docs/hosts.md has a row for each; a name that goes has to go there too. */
export const HOSTS: Readonly<Record<string, Host>> = {
  "page, import map": { how: "Chromium", run: withImportMap },
  "page, relative URL": { how: "Chromium", run: withRelativeUrls },
  "page, `lazy`": { how: "esbuild with `splitting`, page in Chromium", run: withLazy },
  "page, `slim`": { how: "Chromium, `compileStreaming`", run: withSlim },
  "Web Worker": { how: "Chromium, module worker", run: inWebWorker },
  "Service Worker": { how: "Chromium, module worker", run: inServiceWorker },
  "Vite, dev": { how: "development server, page in Chromium", run: withViteDev },
  "Vite, build": { how: "`vite build`, page in Chromium", run: withViteBuild },
  "webpack 5": { how: "production mode, page in Chromium", run: withWebpack },
  esbuild: { how: "page in Chromium", run: withEsbuild },
  Rollup: { how: "node-resolve, page in Chromium", run: withRollup },
  "Next.js, client component": { how: "`next build`, page in Chromium", run: inNextPage },
  "Next.js, edge route": { how: "`next build`, `next start`", run: inNextEdgeRoute },
  "Deno, `npm:`": { how: "from a registry on localhost", run: inDenoFromNpm },
  "Deno, URL": { how: "files of a web site", run: inDenoByUrl },
  "Node, `import`": { how: "Node 20.11 or later", run: inNode },
  "Node, `require`": { how: "Node 20.19 or later", run: inNodeByRequire },
  "Node, `slim`": { how: "the `.wasm` read from its file", run: inNodeWithSlim },
  Bun: { how: "from node_modules", run: inBun },
  "Cloudflare Workers": { how: "workerd, export condition `workerd`", run: inWorkers },
};
