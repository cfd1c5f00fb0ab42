/** The state and the lifecycle events of a page. Where there is no page, no event occurs. */

interface PageLike {
  document?: { visibilityState?: string };
  navigator?: { onLine?: boolean };
  addEventListener?(
    event: string,
    listener: (event: { persisted?: boolean }) => void,
    options?: { capture: boolean },
  ): void;
}

/** The lifecycle events of a page that matter to delivery. */
export interface PageLifecycleListener {
  /** The page is hidden. It may go on, or be discarded without another event. */
  hidden(): void;
  /** The page is being unloaded or frozen. A request that is not sent when this returns may never be. */
  unload(): void;
  /** The page is resumed: from the back/forward cache, or from being frozen. */
  resume(): void;
  /** The browser is online again. */
  online(): void;
}

/** Whether this is a page, which may be unloaded at any moment. */
export function isPage(): boolean {
  return (globalThis as PageLike).document !== undefined;
}

/** Whether this is a page that is hidden. */
export function isHidden(): boolean {
  return (globalThis as PageLike).document?.visibilityState === "hidden";
}

/** Calls `listener` for the page's lifecycle events; a web worker has only `online`. */
export function observePageLifecycle(listener: PageLifecycleListener): void {
  const page = globalThis as PageLike;
  if (typeof page.addEventListener !== "function" || page.navigator?.onLine === undefined) return;
  page.addEventListener("online", () => listener.online());
  if (page.document === undefined) return;
  page.addEventListener("visibilitychange", () => {
    if (isHidden()) listener.hidden();
  });
  page.addEventListener("pagehide", () => listener.unload());
  page.addEventListener("pageshow", ({ persisted }) => {
    if (persisted === true) listener.resume();
  });
  // Dispatched to the document without bubbling: the window receives them in the capture phase only.
  page.addEventListener("freeze", () => listener.unload(), { capture: true });
  page.addEventListener("resume", () => listener.resume(), { capture: true });
}
