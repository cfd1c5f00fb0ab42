/**
 * What the page's own content security policy has kept it from. The browser reports that apart from the request's
 * failure, before or after it.
 */

/** A busy browser takes its time; who waits has no server to talk to anyway. */
const REPORT_MS = 1000;

const forbidden = new Set<string>();
let heard: () => void = () => {};

/** Listens for such reports. For before the first request. */
export function watchPolicy(): void {
  document.addEventListener("securitypolicyviolation", ({ blockedURI }) => {
    const origin = originOf(blockedURI);
    if (origin === undefined) return;
    forbidden.add(origin);
    heard();
  });
}

/** Whether the policy forbids requests to `uri`, one of which has failed. A report that is on its way is waited for. */
export async function isForbidden(uri: string): Promise<boolean> {
  const origin = originOf(uri);
  if (origin === undefined) return false;
  const end = Date.now() + REPORT_MS;
  for (let left = REPORT_MS; left > 0 && !forbidden.has(origin); left = end - Date.now()) await nextReport(left);
  return forbidden.has(origin);
}

function nextReport(withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, withinMs);
    heard = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function originOf(uri: string): string | undefined {
  return URL.canParse(uri) ? new URL(uri).origin : undefined;
}
