/** Where the program runs, for the metadata of its traces. */

import { deno } from "./host.js";

interface HostGlobals {
  document?: unknown;
  location?: { protocol: string; origin: string; pathname: string };
  navigator?: { userAgent?: string };
  process?: { argv?: readonly string[]; version?: string; cwd?(): string };
}

/**
 * The kind of host, then, in a second line, the address of the page without query and fragment, or the script: its path
 * below the working directory, else its name. Never throws.
 */
export function source(): string {
  try {
    const { document, location, navigator, process } = globalThis as HostGlobals;
    const agent = navigator?.userAgent ?? `Node.js/${process?.version?.slice(1) ?? ""}`;
    const host = agent.startsWith("Mozilla") ? (document === undefined ? "worker" : "browser") : agent;
    const name = location === undefined ? script(process) : address(location);
    return name === undefined ? host : `${host}\n${name}`;
  } catch {
    return "unknown";
  }
}

/** What has no origin may hold its whole content in its address, but for files. */
function address({ protocol, origin, pathname }: NonNullable<HostGlobals["location"]>): string {
  if (origin !== "null") return origin + pathname;
  return protocol === "file:" ? `file://${pathname}` : protocol;
}

function script(process: HostGlobals["process"]): string | undefined {
  const path = process?.argv?.[1];
  // Some versions of Deno ask for a permission.
  const folder = deno() === undefined ? process?.cwd?.() : undefined;
  const isBelow = folder !== undefined && path?.startsWith(folder) === true && /^[\\/]/.test(path.slice(folder.length));
  return isBelow ? path.slice(folder.length + 1) : path?.replace(/^.*[\\/]/s, "");
}
