/** What a host of the matrix plays the example with, and how what it shows comes back. */

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { lineFromPage } from "../browser.js";
import { temporaryFolder } from "../folder.js";
import { RESULT_MARK } from "../result.js";
import { type SiteOptions, startStaticSite } from "../static-site.js";

/** What every host finds. */
export interface Hall {
  /** A user's project: the package installed from its tarball beside the programs of tests/hosts/apps. Nobody writes into it. */
  project: string;
  /** The tarball itself. */
  tarball: string;
  /** The settings of this run. */
  query: string;
  browser: Browser;
}

/** Plays the example in one host; gives what it reports. */
export type Play = (hall: Hall) => Promise<unknown>;

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
export async function playPage({ browser, query }: Hall, uri: string, path = "/"): Promise<unknown> {
  return JSON.parse(await lineFromPage(browser, `${uri}${path}${query}`, RESULT_MARK, 120_000)) as unknown;
}

/** Serves `folder` for as long as its page plays. */
export async function playSite(hall: Hall, folder: string, options: SiteOptions): Promise<unknown> {
  const site = await startStaticSite(folder, options);
  try {
    return await playPage(hall, site.uri);
  } finally {
    await site.stop();
  }
}
