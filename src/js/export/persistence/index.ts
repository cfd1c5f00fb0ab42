/** Switches persistence on and off. One store at a time: what was kept is known by its names in there. */

import { afterEachResponse, whenWorkArrives } from "../exporter.js";
import { Keeper, warnNotKept, type Limits } from "./keeper.js";
import { eraseStore, openStore, type Store } from "./store.js";

export { spansNotKept } from "./keeper.js";

let keeper: Keeper | undefined;
/** What is wanted now; a store that opens late looks whether it is still. */
let wanted: Limits | undefined;
let isOpening = false;
let folderInUse: string | undefined;

/**
 * Keeps what is not delivered from now on, and delivers what was kept before. Called again it
 * changes the limits, not the folder. Never throws; where nothing can be kept, one warning says so.
 */
export function keep(folder: string, limits: Limits): void {
  wanted = limits;
  if (keeper !== undefined) keeper.limits = limits;
  if (keeper !== undefined || isOpening) return;
  isOpening = true;
  folderInUse = folder;
  try {
    const opening = openStore(folder);
    // Files open at once, and must: the program may end before anything later happens.
    if (opening instanceof Promise) opening.then(begin).catch(refuse);
    else begin(opening);
  } catch (error) {
    refuse(error);
  }
}

/** Keeps nothing more, and erases what is kept, in the folder in use if there is one. Never throws. */
export function keepNothing(folder: string): void {
  wanted = undefined;
  keeper?.stop();
  keeper = undefined;
  whenWorkArrives(undefined);
  try {
    eraseStore(folderInUse ?? folder);
  } catch {
    // What cannot be opened holds nothing of ours.
  }
}

function begin(store: Store): void {
  isOpening = false;
  if (wanted === undefined) {
    store.end();
    return;
  }
  keeper = new Keeper(store, wanted);
  whenWorkArrives(touch);
  afterEachResponse(touch);
}

function refuse(error: unknown): void {
  isOpening = false;
  warnNotKept(error);
}

function touch(): void {
  keeper?.touch();
}
