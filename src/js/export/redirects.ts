/**
 * Follows redirects so that spans arrive and secrets do not leave. `fetch` by itself turns a POST
 * into a GET at 301 and 302, which would lose the spans, and takes every header but `Authorization`
 * along to other servers. So: the same method again, and only to the same host.
 */

import type { Fetch } from "./settings.js";

/** 303 is not among them: it says that the answer lies elsewhere, not that the request should go there. */
const REDIRECTS = new Set([301, 302, 307, 308]);
const MAX_REDIRECTS = 5;

/**
 * @throws Error for a redirect to another host or round in circles, naming the cure; only the
 *   origin is shown, the rest of such an address may hold a secret.
 */
export async function fetchFollowing(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  let address = url;
  for (let redirects = 0; ; redirects += 1) {
    const response = await fetch(address, { ...init, redirect: "manual" });
    // A page may not see where it was sent, so there the browser has to follow.
    if (response.status === 0) return followedByBrowser(fetch, address, init);
    if (!REDIRECTS.has(response.status)) return response;
    const target = parsed(response.headers.get("location"), address);
    response.body?.cancel().catch(() => {});
    if (target === undefined || redirects === MAX_REDIRECTS || !isSameHost(new URL(address), target)) {
      throw new Error(`the server redirects to \`${target?.origin ?? "nowhere"}\`: set the tracking URI to the address at which MLflow itself answers`);
    }
    address = target.href;
  }
}

/** Browsers take `Authorization` off when the origin changes (Fetch standard, "HTTP-redirect fetch"). */
async function followedByBrowser(fetch: Fetch, url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "follow" });
  const isPage = response.headers.get("content-type")?.includes("text/html") === true;
  if (response.ok && isPage) {
    response.body?.cancel().catch(() => {});
    throw new Error("the server redirects to a web page, perhaps one to log in: set the tracking URI to the address at which MLflow itself answers");
  }
  return response;
}

function parsed(location: string | null, base: string): URL | undefined {
  try {
    return location === null ? undefined : new URL(location, base);
  } catch {
    return undefined;
  }
}

/** The same origin, or the same host by https instead of http. */
function isSameHost(from: URL, to: URL): boolean {
  return from.origin === to.origin || (from.hostname === to.hostname && from.protocol === "http:" && to.protocol === "https:");
}
