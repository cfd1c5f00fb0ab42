/** The interface of stores, and the store of this host. */

import { eraseFileStore, openFileStore } from "./files.js";
import { eraseIndexedDb, openIndexedDb } from "./indexed-db.js";

/** A result that may be synchronous: such stores can be used while a process exits. */
export type Awaitable<Value> = Value | Promise<Value>;

/** An entry to be stored: the serialized spans of one trace. */
export interface StoreEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A store, shared by all tabs or processes of one origin or folder. */
export interface Store {
  /** The id of this tab or process as an owner. Entries of an owner that is alive are not claimed. */
  readonly owner: string;
  /** The names of all entries, of all owners, oldest first. */
  names(): Awaitable<string[]>;
  /** Stores entries under their names. */
  write(entries: readonly StoreEntry[]): Awaitable<void>;
  /**
   * Reads an entry and renames it if it is valid; removes it otherwise, and returns `undefined`. Of several
   * concurrent claims one succeeds, the others get `undefined`. What others may have written is left alone.
   */
  claim(name: string, newName: string, isValid: (bytes: Uint8Array) => boolean): Awaitable<Uint8Array | undefined>;
  /** Removes entries; those that are missing are ignored. */
  remove(names: readonly string[]): Awaitable<void>;
  /** Those of these owners that are alive. */
  aliveOwners(owners: ReadonlySet<string>): Awaitable<ReadonlySet<string>>;
  /** Calls `save` when the host is about to end the program. */
  onExit(save: () => void): void;
  /** Closes the store: our entries have no owner from now on. */
  close(): void;
}

/**
 * Opens the store of this host.
 *
 * @throws Error with the reason and the remedy where there is none.
 */
export function openStore(folder: string): Awaitable<Store> {
  return hasIndexedDb() ? openIndexedDb() : openFileStore(folder);
}

/**
 * Erases all entries, of all owners, without creating a store.
 *
 * @throws Error where the store cannot be read.
 */
export function eraseStore(folder: string): void {
  if (hasIndexedDb()) eraseIndexedDb();
  else eraseFileStore(folder);
}

function hasIndexedDb(): boolean {
  return (globalThis as { indexedDB?: unknown }).indexedDB !== undefined;
}
