/** Pages and workers of browsers without a bundler. */

import { importMap } from "../packed-package.js";
import { pageOf } from "../static-site.js";
import { copyWithImports, type Hall, type Play, playSite } from "./hall.js";

const INSTALLED = "./node_modules/mlflow-ag2/pkg/js";
const BY_URL = { "mlflow-ag2": `${INSTALLED}/entry/inline.js`, "mlflow-ag2/agents": `${INSTALLED}/agents/index.js` };

/** A page whose import map says where the package's files are. */
export const withImportMap: Play = (hall) => {
  const map = `<script type="importmap">${JSON.stringify(importMap(hall.project))}</script>`;
  return playSite(hall, hall.project, { pages: { "/index.html": pageOf("./page.js", map) } });
};

/** A page that imports the package's files by relative URLs. */
export const withRelativeUrls: Play = (hall) => playByUrl(hall, "./page.js");

/** A Web Worker that imports them so: import maps are for pages alone. */
export const inWebWorker: Play = (hall) => playByUrl(hall, "./worker-page.js");

/** The same in a Service Worker, which forbids top-level await and `import()`. */
export const inServiceWorker: Play = (hall) => playByUrl(hall, "./service-page.js");

/** A page that brings the WebAssembly itself, compiled while it arrives. */
export const withSlim: Play = (hall) => {
  const folder = copyWithImports(hall.project, ["chat.js"], { "mlflow-ag2": "mlflow-ag2/slim" });
  const map = `<script type="importmap">${JSON.stringify(importMap(hall.project))}</script>`;
  return playSite(hall, folder, { pages: { "/index.html": pageOf("./slim-page.js", map) } });
};

function playByUrl(hall: Hall, script: string): Promise<unknown> {
  return playSite(hall, copyWithImports(hall.project, ["chat.js"], BY_URL), {
    pages: { "/index.html": pageOf(script) },
  });
}
