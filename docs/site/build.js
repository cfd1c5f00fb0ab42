/**
 * Makes the docs site: README.md, the pages of docs and the API in one, by TypeDoc and VitePress.
 *
 *     node docs/site/build.js TOOLS FOLDER
 *
 * TOOLS is the folder where docs/site/package.json is installed. The site is made in FOLDER/site. Below FOLDER/pages a
 * page has its place in the repository, so that links between pages hold as they are; README.md becomes the index of
 * its folder. `DOC_SITE_BASE` is the path of the site on its server, such as "/mlflow-ag2/".
 */

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The pages of the guide, in the order of the sidebar. */
const GUIDE = {
  Start: ["README.md", "docs/quick-start.md", "docs/hosts.md", "docs/concepts.md"],
  "Coming from Python": ["docs/migration.md", "docs/agents-api.md", "docs/comparison.md"],
  Traces: ["docs/traces.md", "docs/view.md", "docs/hooks.md", "docs/frameworks.md", "docs/privacy.md"],
  Operations: ["docs/delivery.md", "docs/persistence.md", "docs/relay.md", "docs/scale.md", "docs/troubleshooting.md"],
  Reference: ["docs/glossary.md", "CHANGELOG.md", "SECURITY.md", "bench/RESULTS.md"],
  Development: ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/decisions/README.md"],
};
const DECISIONS = "docs/decisions";
const GUIDE_PAGES = Object.values(GUIDE).flat();
const PAGES = new Set([
  ...GUIDE_PAGES,
  ...pagesOf("docs"),
  // The index lists these; the sidebar does not.
  ...pagesOf(DECISIONS),
]);
const MANIFEST = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
/** The address of the repository, which its publisher writes into package.json. */
const REPOSITORY = (MANIFEST.repository?.url ?? MANIFEST.repository ?? "").replace(/^git\+|\.git$/g, "");

const [tools, folder] = process.argv.slice(2).map((path) => resolve(path));
if (folder === undefined) throw new Error("name the folder of the tools and that of the site: `cargo xtask doc` does");
const pages = join(folder, "pages");

rmSync(folder, { recursive: true, force: true });
for (const page of PAGES) writePage(page);
const api = writeApi();
writeConfig(api);
// The pages import Vue.
symlinkSync(join(tools, "node_modules"), join(pages, "node_modules"));
run("vitepress/bin/vitepress.js", ["build", pages]);

function pagesOf(below) {
  return readdirSync(join(ROOT, below))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${below}/${name}`);
}

/** Where a page of the repository is on the site. */
function placeOf(page) {
  return page.replace(/(^|\/)README\.md$/, "$1index.md");
}

function writePage(page) {
  if (!GUIDE_PAGES.includes(page) && !page.startsWith(`${DECISIONS}/`))
    throw new Error(`\`${page}\` is not in the sidebar: add it to GUIDE in docs/site/build.js`);
  const parts = readFileSync(join(ROOT, page), "utf8").split(/(^```.*?^```$)/ms);
  const text = parts.map((part) => (part.startsWith("```") ? part : withLinks(part, page))).join("");
  write(placeOf(page), text);
}

/** A text with the links that hold on the site: others lead to the repository, or are none without its address. */
function withLinks(text, page) {
  return text.replace(/(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g, (link, isImage, label, target) => {
    if (/^(#|[a-z]+:)/.test(target)) return link;
    const [path, anchor = ""] = target.split(/(?=#)/);
    const file = posix.join(posix.dirname(page), path);
    if (!existsSync(join(ROOT, file))) throw new Error(`${page}: \`${target}\` is not there`);
    if (PAGES.has(file)) return `[${label}](${placeOf(path)}${anchor})`;
    if (isImage || file.startsWith("docs/relay/")) {
      // A file that readers get as it is; images are found beside their pages.
      copy(file, isImage ? pages : join(pages, "public"));
      return link;
    }
    return REPOSITORY === "" ? label : `[${label}](${REPOSITORY}/blob/main/${file}${anchor})`;
  });
}

/** Writes the pages of the API, one for each name; gives their sidebar, which has the imports. */
function writeApi() {
  const options = {
    options: join(ROOT, "docs", "typedoc.json"),
    out: join(pages, "api"),
    plugin: join(tools, "node_modules", "typedoc-plugin-markdown", "dist", "index.js"),
    entryFileName: "index",
    hidePageHeader: "true",
    hideBreadcrumbs: "true",
  };
  run(
    "typedoc/bin/typedoc",
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
  );
  const index = readFileSync(join(pages, "api", "index.md"), "utf8");
  const items = [...index.matchAll(/^- \[(.*)\]\((.*\/)index\.md\)$/gm)].map(([, text, path]) => ({
    text,
    link: `/api/${path}`,
  }));
  if (items.length === 0) throw new Error("the index of the API lists no import");
  return { text: "API", items: [{ text: "All imports", link: "/api/" }, ...items] };
}

function writeConfig(api) {
  const guide = Object.entries(GUIDE).map(([text, list]) => ({
    text,
    items: list.map((page) => ({ text: titleOf(page), link: `/${placeOf(page).replace(/(index)?\.md$/, "")}` })),
  }));
  const config = {
    title: MANIFEST.name,
    description: MANIFEST.description,
    lang: "en",
    base: process.env.DOC_SITE_BASE ?? "/",
    outDir: join(folder, "site"),
    cacheDir: join(folder, "cache"),
    head: [
      ["link", { rel: "icon", href: "data:," }],
      // The theme's colour of the language's name has too little contrast.
      ["style", {}, "html:root { --vp-code-lang-color: var(--vp-c-text-2); }"],
    ],
    markdown: { theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" } },
    // The index of the search is one large file, which is loaded by the first search.
    vite: { build: { chunkSizeWarningLimit: 4_000 } },
    themeConfig: {
      nav: [
        { text: "Guide", link: "/docs/quick-start" },
        { text: "API", link: "/api/" },
      ],
      sidebar: { "/api/": [api], "/": guide },
      outline: [2, 3],
      search: { provider: "local" },
      ...(REPOSITORY !== "" && { socialLinks: [{ icon: "github", link: REPOSITORY }] }),
    },
  };
  const program = [
    `const config = ${JSON.stringify(config, null, 2)};`,
    `config.markdown.anchor = { slugify: ${String(anchorOf)} };`,
    `config.markdown.config = ${String(keepBraces)};`,
    "export default config;",
  ];
  write(".vitepress/config.js", program.join("\n"));
}

/** Has texts keep double braces, which would make them templates of Vue. */
function keepBraces({ renderer: { rules } }) {
  for (const name of ["text", "code_inline"]) {
    const rule = rules[name];
    rules[name] = (...parameters) => rule(...parameters).replaceAll("{{", "&#123;&#123;");
  }
}

/** The anchor of a heading, as GitHub has it, for which the links of all pages are written. */
function anchorOf(heading) {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** The first heading of a page, without markup. */
function titleOf(page) {
  const [, heading] = /^# (.*)$/m.exec(readFileSync(join(ROOT, page), "utf8")) ?? [];
  return heading.replaceAll("`", "");
}

function write(path, text) {
  mkdirSync(dirname(join(pages, path)), { recursive: true });
  writeFileSync(join(pages, path), text);
}

function copy(file, to) {
  mkdirSync(dirname(join(to, file)), { recursive: true });
  cpSync(join(ROOT, file), join(to, file));
}

/** Runs a program of an installed package; ends with its exit code if it fails. */
function run(program, parameters) {
  const { status } = spawnSync(process.execPath, [join(tools, "node_modules", program), ...parameters], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
}
