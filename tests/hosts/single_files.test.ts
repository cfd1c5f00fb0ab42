/** The single files of the package in pages without a bundler, in Chromium and Firefox. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { MlflowTraceElement } from "mlflow-ag2/view";
import { type BrowserDriver, BROWSERS } from "../support/browser-driver.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { pageOf, type StaticSite, startStaticSite } from "../support/static-site.js";

const BUNDLE = "/node_modules/mlflow-ag2/pkg/bundle";
/** Nothing but the site's own files. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'";

/** The program of a page, which has imported its names before. */
const CHAT = `
  autolog();
  setTrackingUri("memory:");
  const message = { role: "assistant", content: "Lisbon." };
  const client = { create: () => Promise.resolve({ choices: [{ message }] }) };
  const assistant = new AssistantAgent({ name: "assistant", llmConfig: { model: "gpt-4o-mini", client } });
  const user = new UserProxyAgent({ name: "user", humanInputMode: "NEVER" });
  const options = { message: "What is the capital of Portugal?", maxTurns: 1, silent: true };
  await user.initiateChat(assistant, options);
  const trace = await getTrace(getLastActiveTraceId());
  globalThis.spanNames = trace.data.spans.map(({ name }) => name);
`;

const TRACER_NAMES = "autolog, getLastActiveTraceId, getTrace, setTrackingUri";
const AGENT_NAMES = "AssistantAgent, UserProxyAgent";

/** One module has everything. */
const ONE_FILE = `import { ${TRACER_NAMES}, ${AGENT_NAMES} } from "${BUNDLE}/tracer-and-agents.js";${CHAT}`;

/** Three modules, by the names of the package. */
const THREE_FILES = `
  import { ${TRACER_NAMES} } from "mlflow-ag2";
  import { ${AGENT_NAMES} } from "mlflow-ag2/agents";
  import "mlflow-ag2/view";
  ${CHAT}
  document.body.append(Object.assign(document.createElement("mlflow-trace"), { trace }));
`;
const IMPORTS = {
  "mlflow-ag2": `${BUNDLE}/tracer.js`,
  "mlflow-ag2/agents": `${BUNDLE}/agents.js`,
  "mlflow-ag2/view": `${BUNDLE}/view.js`,
};

const SPANS = ["initiate_chat", "assistant", "chat_completion"];

declare const self: { spanNames: string[] | undefined };

for (const [name, start] of Object.entries(BROWSERS)) {
  describe(`in ${name}, a page without a bundler`, () => {
    let browser: BrowserDriver;
    let project: string;
    before(async () => {
      project = await userProject(temporaryFolder("empty"));
      browser = await start();
    });
    after(() => browser?.close());

    /** Opens the page in a site of its own; gives the names of the recorded spans and the files of the package. */
    async function open(site: StaticSite): Promise<{ spans: string[]; files: string[] }> {
      await browser.open(site.uri);
      const spans = await browser.until(() => self.spanNames);
      const files = await browser.ask(() =>
        performance
          .getEntriesByType("resource")
          .map((entry) => new URL(entry.name).pathname)
          .filter((path) => path.includes("mlflow-ag2")),
      );
      return { spans, files: files.sort() };
    }

    test("traces agents by one file of the package, under a strict policy", async () => {
      const site = await startStaticSite(project, {
        pages: { "/index.html": pageOf("/page.js"), "/page.js": ONE_FILE },
        headers: { "content-security-policy": STRICT },
      });
      try {
        const { spans, files } = await open(site);
        assert.deepEqual(spans, SPANS);
        assert.deepEqual(files, [`${BUNDLE}/tracer-and-agents.js`]);
      } finally {
        await site.stop();
      }
    });

    test("traces agents and shows the trace by three files, one for each name that it imports", async () => {
      const map = `<script type="importmap">${JSON.stringify({ imports: IMPORTS })}</script>`;
      const site = await startStaticSite(project, {
        pages: { "/index.html": pageOf("/page.js", map), "/page.js": THREE_FILES },
      });
      try {
        const { spans, files } = await open(site);
        assert.deepEqual(spans, SPANS);
        assert.deepEqual(files, Object.values(IMPORTS).sort());
        const rows = await browser.until(() => {
          const view = document.querySelector<MlflowTraceElement>("mlflow-trace");
          const items = [...(view?.shadowRoot?.querySelectorAll('[role="treeitem"]') ?? [])];
          return items.length > 0 ? items.map((item) => item.textContent) : null;
        });
        assert.equal(rows.length, SPANS.length);
        SPANS.forEach((span, at) => assert.ok(rows[at]?.includes(span), rows[at] ?? ""));
      } finally {
        await site.stop();
      }
    });
  });
}
