/** What can be asked about a page, and what it tells of its own life. Where there is no page, nothing happens. */

interface PageLike {
  document?: { visibilityState?: string };
  navigator?: { onLine?: boolean };
  addEventListener?(
    event: string,
    listener: (event: { persisted?: boolean }) => void,
    options?: { capture: boolean },
  ): void;
}

/** What happens to a page, as far as deliveries are concerned. */
export interface PageLife {
  /** Nobody sees it any more. It may go on, or be taken away without another word. */
  hidden(): void;
  /** It is being left. What is not on its way when this returns may never be. */
  left(): void;
  /** It is back: from the back/forward cache, or from being frozen. */
  returned(): void;
  /** There is a network again. */
  online(): void;
}

/** Whether this is a page, which may be left at any moment. */
export function isPage(): boolean {
  return (globalThis as PageLike).document !== undefined;
}

/** Whether this is a page and nobody sees it (any more). */
export function isHidden(): boolean {
  return (globalThis as PageLike).document?.visibilityState === "hidden";
}

/** Whether the browser knows that there is no network, so that no other computer can be reached. */
export function isOffline(): boolean {
  return (globalThis as PageLike).navigator?.onLine === false;
}

/** Reports the page's life; a worker of a page has only the network to tell of. */
export function watchPage(life: PageLife): void {
  const page = globalThis as PageLike;
  if (typeof page.addEventListener !== "function" || page.navigator?.onLine === undefined) return;
  page.addEventListener("online", () => life.online());
  if (page.document === undefined) return;
  page.addEventListener("visibilitychange", () => {
    if (isHidden()) life.hidden();
  });
  page.addEventListener("pagehide", () => life.left());
  page.addEventListener("pageshow", ({ persisted }) => {
    if (persisted === true) life.returned();
  });
  // Told to the document and not passed on to the window, but for those who listen before.
  page.addEventListener("freeze", () => life.left(), { capture: true });
  page.addEventListener("resume", () => life.returned(), { capture: true });
}
