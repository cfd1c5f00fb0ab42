/** Every host that the package is for, and how it is proven there: the one table. */

import { withEsbuild, withRollup, withViteBuild, withViteDev, withWebpack } from "../support/matrix/bundlers.js";
import {
  inBun,
  inDenoByUrl,
  inDenoFromNpm,
  inNode,
  inNodeByRequire,
  inNodeWithSlim,
} from "../support/matrix/commands.js";
import type { Play } from "../support/matrix/hall.js";
import { inServiceWorker, inWebWorker, withImportMap, withRelativeUrls, withSlim } from "../support/matrix/pages.js";
import { inNextEdgeRoute, inNextPage, inWorkers } from "../support/matrix/servers.js";

/** One host: how the example is played there, or why it cannot be. */
export type Host = { readonly how: string } & ({ readonly play: Play } | { readonly missing: string });

/** By name. docs/hosts.md has a row for each; a name that goes has to go there too. */
export const HOSTS: Readonly<Record<string, Host>> = {
  "page, import map": { how: "Chromium", play: withImportMap },
  "page, relative URL": { how: "Chromium", play: withRelativeUrls },
  "page, `slim`": { how: "Chromium, `compileStreaming`", play: withSlim },
  "Web Worker": { how: "Chromium, module worker", play: inWebWorker },
  "Service Worker": { how: "Chromium, module worker", play: inServiceWorker },
  "Vite, dev": { how: "development server, page in Chromium", play: withViteDev },
  "Vite, build": { how: "`vite build`, page in Chromium", play: withViteBuild },
  "webpack 5": { how: "production mode, page in Chromium", play: withWebpack },
  esbuild: { how: "page in Chromium", play: withEsbuild },
  Rollup: { how: "node-resolve, page in Chromium", play: withRollup },
  "Next.js, client component": { how: "`next build`, page in Chromium", play: inNextPage },
  "Next.js, edge route": { how: "`next build`, `next start`", play: inNextEdgeRoute },
  "Deno, `npm:`": { how: "from a registry on localhost", play: inDenoFromNpm },
  "Deno, URL": { how: "files of a web site", play: inDenoByUrl },
  "Node, `import`": { how: "Node 20.11 or later", play: inNode },
  "Node, `require`": { how: "Node 20.19 or later", play: inNodeByRequire },
  "Node, `slim`": { how: "the `.wasm` read from its file", play: inNodeWithSlim },
  Bun: { how: "from node_modules", play: inBun },
  "Cloudflare Workers": { how: "workerd, export condition `workerd`", play: inWorkers },
};
