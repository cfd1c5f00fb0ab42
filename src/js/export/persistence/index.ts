/** Switches persistence on and off. Only one store is open at a time: the manager knows its entries by their names. */

import { addResponseListener, setWorkListener } from "../exporter.js";
import { PersistenceManager, type PersistenceLimits, warnNotPersisted } from "./persistence-manager.js";
import { eraseStore, openStore, type Store } from "./store.js";

export { spansNotPersisted } from "./persistence-manager.js";

let manager: PersistenceManager | undefined;
/** The limits if persistence is wanted; a store that opens late checks whether it still is. */
let wantedLimits: PersistenceLimits | undefined;
let isOpening = false;
let openFolder: string | undefined;

/**
 * Persists undelivered spans from now on, and delivers those that were persisted before. A second
 * call changes the limits, not the folder. Never throws; where nothing can be persisted, one warning says so.
 */
export function enablePersistence(folder: string, limits: PersistenceLimits): void {
  wantedLimits = limits;
  if (manager !== undefined) manager.limits = limits;
  if (manager !== undefined || isOpening) return;
  isOpening = true;
  openFolder = folder;
  try {
    const opening = openStore(folder);
    // Files open synchronously, and must: the program may end before any promise resolves.
    if (opening instanceof Promise) opening.then(startManager).catch(openFailed);
    else startManager(opening);
  } catch (error) {
    openFailed(error);
  }
}

/** Stops persisting, and erases what is stored, in the open folder if there is one. Never throws. */
export function disablePersistence(folder: string): void {
  wantedLimits = undefined;
  manager?.stop();
  manager = undefined;
  setWorkListener(undefined);
  try {
    eraseStore(openFolder ?? folder);
  } catch {
    // A store that cannot be opened holds nothing of ours.
  }
}

function startManager(store: Store): void {
  isOpening = false;
  if (wantedLimits === undefined) {
    store.close();
    return;
  }
  manager = new PersistenceManager(store, wantedLimits);
  setWorkListener(schedule);
  addResponseListener(schedule);
}

function openFailed(error: unknown): void {
  isOpening = false;
  warnNotPersisted(error);
}

function schedule(): void {
  manager?.schedule();
}
