/** What a place to keep parcels must be able to do, and which place this host has. */

import { eraseFiles, openFiles } from "./files.js";
import { eraseIndexedDb, openIndexedDb } from "./indexed-db.js";

/** Stores that answer at once can be used while a process exits. */
export type Awaitable<Value> = Value | Promise<Value>;

/** A parcel to be kept under that name. */
export interface Parcel {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A place to keep parcels, shared by all tabs or processes that found it. */
export interface Store {
  /** Who we are there. Nobody takes what is ours while we live. */
  readonly owner: string;
  /** Every name there is, of any owner, oldest first. */
  names(): Awaitable<string[]>;
  /** Keeps parcels under their names. */
  write(parcels: readonly Parcel[]): Awaitable<void>;
  /** Gives a parcel another name and reads it. Of several who try at once one succeeds, the others get `undefined`. */
  take(name: string, newName: string): Awaitable<Uint8Array | undefined>;
  /** Forgets parcels; those that are gone already are no matter. */
  remove(names: readonly string[]): Awaitable<void>;
  /** Which of these owners live. */
  living(owners: ReadonlySet<string>): Awaitable<ReadonlySet<string>>;
  /** Calls `save` when the host is about to take the program away. */
  beforeEnd(save: () => void): void;
  /** Leaves the store: what we have there belongs to nobody from now on. */
  end(): void;
}

/**
 * Opens the store of this host.
 *
 * @throws Error which says why there is none, and the cure.
 */
export function openStore(folder: string): Awaitable<Store> {
  return hasIndexedDb() ? openIndexedDb() : openFiles(folder);
}

/**
 * Erases what is kept, of all owners, without making anything.
 *
 * @throws Error where that cannot be looked at.
 */
export function eraseStore(folder: string): void {
  if (hasIndexedDb()) eraseIndexedDb();
  else eraseFiles(folder);
}

function hasIndexedDb(): boolean {
  return (globalThis as { indexedDB?: unknown }).indexedDB !== undefined;
}
