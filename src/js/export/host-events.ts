/**
 * Delivers buffered spans when the host is about to end the program: a page that is hidden or unloaded, a process
 * that has run out of work; and when a page returns.
 */

import { loadedBridge } from "../bridge/loader.js";
import { guard } from "../util/guard.js";
import { observePageLifecycle } from "./page-lifecycle.js";
import { observeProcessEnd } from "./process-end.js";

let isObserving = false;

/** Registers the listeners, the first time it is called. */
export function observeHost(): void {
  if (isObserving) return;
  isObserving = true;
  observePageLifecycle({
    hidden: () => guard(sendAll),
    unload: () => guard(sendBeforeUnload),
    resume: () => guard(sendAgain),
    online: () => guard(sendAgain),
  });
  observeProcessEnd();
}

function sendAll(): void {
  loadedBridge()?.tracer.sendAll();
}

function sendBeforeUnload(): void {
  loadedBridge()?.tracer.sendBeforeUnload();
}

/** Retries without backoff: failures while the page was frozen or offline say nothing about the server. */
function sendAgain(): void {
  loadedBridge()?.tracer.sendAgain();
}
