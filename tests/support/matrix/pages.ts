/** Pages and workers of browsers without a bundler. */

import { importMap } from "../packed-package.js";
import { pageOf } from "../static-site.js";
import { copyWithImports, type HostContext, type RunExample, runSite } from "./context.js";

const INSTALLED = "./node_modules/mlflow-ag2/pkg/js";
const BY_URL = { "mlflow-ag2": `${INSTALLED}/entry/inline.js`, "mlflow-ag2/agents": `${INSTALLED}/agents/index.js` };

/** A page whose import map names the package's files. */
export const withImportMap: RunExample = (context) => {
  const map = `<script type="importmap">${JSON.stringify(importMap(context.project))}</script>`;
  return runSite(context, context.project, { pages: { "/index.html": pageOf("./page.js", map) } });
};

/** A page that imports the package's files by relative URLs. */
export const withRelativeUrls: RunExample = (context) => runByUrl(context, "./page.js");

/** A Web Worker that imports them so: import maps are for pages alone. */
export const inWebWorker: RunExample = (context) => runByUrl(context, "./worker-page.js");

/** The same in a Service Worker, which forbids top-level await and `import()`. */
export const inServiceWorker: RunExample = (context) => runByUrl(context, "./service-page.js");

/** A page that brings the WebAssembly itself, compiled while it arrives. */
export const withSlim: RunExample = (context) => {
  const folder = copyWithImports(context.project, ["chat.js"], { "mlflow-ag2": "mlflow-ag2/slim" });
  const map = `<script type="importmap">${JSON.stringify(importMap(context.project))}</script>`;
  return runSite(context, folder, { pages: { "/index.html": pageOf("./slim-page.js", map) } });
};

function runByUrl(context: HostContext, script: string): Promise<unknown> {
  return runSite(context, copyWithImports(context.project, ["chat.js"], BY_URL), {
    pages: { "/index.html": pageOf(script) },
  });
}
