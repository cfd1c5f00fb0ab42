/**
 * A store in IndexedDB, for pages and web workers. A Web Lock tells whether an owner is alive: the
 * browser releases it with the tab, however that ends.
 */

import type { StoreEntry, Store } from "./store.js";

const DATABASE = "mlflow-ag2";
/** Raised when the object store or the format of its entries changes. */
const VERSION = 2;
const OBJECT_STORE = "entries";
const LOCK = "mlflow-ag2:";

/** The globals of a page; those of a worker differ in the events only. */
type PageGlobals = Pick<typeof globalThis, "indexedDB"> & {
  navigator: { locks?: LockManager };
  addEventListener(event: string, listener: (event: { persisted?: boolean }) => void): void;
};

/**
 * Opens the database and takes the lock.
 *
 * @throws Error where the browser has no database or no locks.
 */
export async function openIndexedDb(): Promise<Store> {
  const { indexedDB, navigator } = globalThis as unknown as PageGlobals;
  const { locks } = navigator;
  if (locks === undefined) throw new Error("Web Locks are missing: serve the page by https, or from localhost");
  const opening = indexedDB.open(DATABASE, VERSION);
  opening.onupgradeneeded = () => {
    const { result: database } = opening;
    // What an earlier version stored is of a format that is not read any more.
    for (const name of database.objectStoreNames) database.deleteObjectStore(name);
    database.createObjectStore(OBJECT_STORE);
  };
  const database = await toPromise(opening);
  // Another tab is deleting the database, which waits for this connection.
  database.onversionchange = () => database.close();
  const store = new IndexedDbStore(database, locks);
  await store.acquireLock();
  return store;
}

/** Deletes the database; other tabs persist nothing more after that. */
export function eraseIndexedDb(): void {
  globalThis.indexedDB.deleteDatabase(DATABASE);
}

class IndexedDbStore implements Store {
  readonly owner = crypto.randomUUID();
  readonly #database: IDBDatabase;
  readonly #locks: LockManager;
  #releaseLock = () => {};

  constructor(database: IDBDatabase, locks: LockManager) {
    this.#database = database;
    this.#locks = locks;
  }

  /** Resolves when the lock is acquired. */
  acquireLock(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#locks
        .request(LOCK + this.owner, () => {
          resolve();
          return new Promise<void>((release) => {
            this.#releaseLock = release;
          });
        })
        .catch(reject);
    });
  }

  names(): Promise<string[]> {
    return toPromise(this.#objectStore("readonly").getAllKeys()) as Promise<string[]>;
  }

  write(entries: readonly StoreEntry[]): Promise<void> {
    const store = this.#objectStore("readwrite");
    for (const { name, bytes } of entries) store.put(bytes, name);
    // During unload no task follows after which the browser would commit by itself.
    store.transaction.commit();
    return toPromise(store.transaction);
  }

  async claim(name: string, newName: string, isValid: (bytes: Uint8Array) => boolean): Promise<Uint8Array | undefined> {
    // One transaction: the browser runs write transactions one after the other, across all tabs.
    const store = this.#objectStore("readwrite");
    const found: unknown = await toPromise(store.get(name));
    const bytes = found instanceof Uint8Array && isValid(found) ? found : undefined;
    if (bytes !== undefined) store.put(bytes, newName);
    if (found !== undefined) store.delete(name);
    await toPromise(store.transaction);
    return bytes;
  }

  remove(names: readonly string[]): Promise<void> {
    const store = this.#objectStore("readwrite");
    for (const name of names) store.delete(name);
    return toPromise(store.transaction);
  }

  async aliveOwners(): Promise<ReadonlySet<string>> {
    const { held = [] } = await this.#locks.query();
    return new Set(held.map(({ name = "" }) => name.slice(LOCK.length)));
  }

  onExit(save: () => void): void {
    const page = globalThis as unknown as PageGlobals;
    page.addEventListener("visibilitychange", save);
    page.addEventListener("pagehide", () => {
      save();
      // A page in the back/forward cache leaves its entries to the next page; some browsers do not cache a
      // page that holds a lock.
      this.#releaseLock();
    });
    page.addEventListener("pageshow", ({ persisted }) => {
      if (persisted === true) this.acquireLock().catch(() => {});
    });
  }

  close(): void {
    this.#releaseLock();
    this.#database.close();
  }

  #objectStore(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(OBJECT_STORE, mode).objectStore(OBJECT_STORE);
  }
}

/** The result of a request, or the completion of a transaction. */
function toPromise<Result>(work: IDBRequest<Result> | IDBTransaction): Promise<Result> {
  return new Promise((resolve, reject) => {
    const succeed = (): void => resolve((work as IDBRequest<Result>).result);
    // The error is set whenever one of the two events for it occurs.
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors
    const fail = (): void => reject(work.error);
    Object.assign(work, { onsuccess: succeed, oncomplete: succeed, onerror: fail, onabort: fail });
  });
}
