/** The inputs of the example in a host of the matrix, and helpers that run it in a page. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { lineFromPage } from "../browser.js";
import { temporaryFolder } from "../folder.js";
import { RESULT_MARK } from "../result.js";
import { type SiteOptions, startStaticSite } from "../static-site.js";

/** The inputs that are the same for every host. */
export interface HostContext {
  /** A user's project: the package installed from its tarball beside the programs of tests/hosts/apps. Read only. */
  project: string;
  /** The tarball itself. */
  tarball: string;
  /** The settings of this run. */
  query: string;
  browser: Browser;
}

/** Runs the example in one host, and returns its report. */
export type RunExample = (context: HostContext) => Promise<unknown>;

/** A copy of the project, to write into. */
export function copyOf(project: string): string {
  const folder = temporaryFolder("app");
  cpSync(project, folder, { recursive: true });
  return folder;
}

/** A copy in which the programs import from other places: `places` by bare name. */
export function copyWithImports(
  project: string,
  programs: readonly string[],
  places: Readonly<Record<string, string>>,
): string {
  const folder = copyOf(project);
  for (const program of programs) {
    const path = join(folder, program);
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(/ from "([^"]+)"/g, (line, name: string) =>
        name in places ? ` from "${places[name]}"` : line,
      ),
    );
  }
  return folder;
}

/** Opens `path` of a site and waits for the report. */
export async function runPage({ browser, query }: HostContext, uri: string, path = "/"): Promise<unknown> {
  return JSON.parse(await lineFromPage(browser, `${uri}${path}${query}`, RESULT_MARK, 120_000)) as unknown;
}

/** Serves `folder` while its page runs. */
export async function runSite(context: HostContext, folder: string, options: SiteOptions): Promise<unknown> {
  const site = await startStaticSite(folder, options);
  try {
    return await runPage(context, site.uri);
  } finally {
    await site.stop();
  }
}
