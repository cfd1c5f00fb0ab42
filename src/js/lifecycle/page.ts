/** What can be asked about a page, where there is one. */

interface PageLike {
  document?: { visibilityState?: string };
  addEventListener?(event: string, listener: () => void): void;
}

/** Whether this is a page and nobody sees it (any more). */
export function isHidden(): boolean {
  return (globalThis as PageLike).document?.visibilityState === "hidden";
}

/** Calls `listener` whenever the page is hidden or left; does nothing where there is no page. */
export function whenHidden(listener: () => void): void {
  const page = globalThis as PageLike;
  if (page.document === undefined || typeof page.addEventListener !== "function") return;
  page.addEventListener("pagehide", listener);
  page.addEventListener("visibilitychange", () => {
    if (isHidden()) listener();
  });
}
