/**
 * Keeps parcels in IndexedDB, for pages and web workers. A Web Lock tells whether an owner lives:
 * the browser takes it away with the tab, however that ends.
 */

import type { Parcel, Store } from "./store.js";

const DATABASE = "mlflow-ag2";
const PARCELS = "parcels";
const LOCK = "mlflow-ag2:";

/** What differs from a page's globals in a worker is only which events there are. */
type PageGlobals = Pick<typeof globalThis, "indexedDB"> & {
  navigator: { locks?: LockManager };
  addEventListener(event: string, listener: (event: { persisted?: boolean }) => void): void;
};

/**
 * Opens the database and takes the lock.
 *
 * @throws Error where the browser gives no database or no locks.
 */
export async function openIndexedDb(): Promise<Store> {
  const { indexedDB, navigator } = globalThis as unknown as PageGlobals;
  const { locks } = navigator;
  if (locks === undefined) throw new Error("Web Locks are missing: serve the page by https, or from localhost");
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(PARCELS);
  const database = await done(opening);
  // Somebody wants to delete the database, and waits for us.
  database.onversionchange = () => database.close();
  const store = new IndexedDbStore(database, locks);
  await store.hold();
  return store;
}

/** Deletes the database; other tabs then keep nothing more. */
export function eraseIndexedDb(): void {
  globalThis.indexedDB.deleteDatabase(DATABASE);
}

class IndexedDbStore implements Store {
  readonly owner = crypto.randomUUID();
  readonly #database: IDBDatabase;
  readonly #locks: LockManager;
  #letGo = () => {};

  constructor(database: IDBDatabase, locks: LockManager) {
    this.#database = database;
    this.#locks = locks;
  }

  /** Resolves when the lock is ours. */
  hold(): Promise<void> {
    return new Promise((held, refused) => {
      this.#locks
        .request(LOCK + this.owner, () => {
          held();
          return new Promise<void>((release) => {
            this.#letGo = release;
          });
        })
        .catch(refused);
    });
  }

  names(): Promise<string[]> {
    return done(this.#parcels("readonly").getAllKeys()) as Promise<string[]>;
  }

  write(parcels: readonly Parcel[]): Promise<void> {
    const store = this.#parcels("readwrite");
    for (const { name, bytes } of parcels) store.put(bytes, name);
    // A page that is being left gets no turn any more in which the browser could see that this was all.
    store.transaction.commit();
    return done(store.transaction);
  }

  async take(name: string, newName: string): Promise<Uint8Array | undefined> {
    // One transaction, and the browser runs those that write one after the other, over all tabs.
    const store = this.#parcels("readwrite");
    const bytes = (await done(store.get(name))) as Uint8Array | undefined;
    if (bytes !== undefined) {
      store.put(bytes, newName);
      store.delete(name);
    }
    await done(store.transaction);
    return bytes;
  }

  remove(names: readonly string[]): Promise<void> {
    const store = this.#parcels("readwrite");
    for (const name of names) store.delete(name);
    return done(store.transaction);
  }

  async living(): Promise<ReadonlySet<string>> {
    const { held = [] } = await this.#locks.query();
    return new Set(held.map(({ name = "" }) => name.slice(LOCK.length)));
  }

  beforeEnd(save: () => void): void {
    const page = globalThis as unknown as PageGlobals;
    page.addEventListener("visibilitychange", save);
    page.addEventListener("pagehide", () => {
      save();
      // Who waits in the back/forward cache leaves its parcels to the page that follows; with a lock
      // some browsers would not let it in there.
      this.#letGo();
    });
    page.addEventListener("pageshow", ({ persisted }) => {
      if (persisted === true) this.hold().catch(() => {});
    });
  }

  end(): void {
    this.#letGo();
    this.#database.close();
  }

  #parcels(mode: IDBTransactionMode): IDBObjectStore {
    return this.#database.transaction(PARCELS, mode).objectStore(PARCELS);
  }
}

/** What a request gives, or that a transaction is through. */
function done<Result>(work: IDBRequest<Result> | IDBTransaction): Promise<Result> {
  return new Promise((resolve, reject) => {
    const succeed = (): void => resolve((work as IDBRequest<Result>).result);
    const fail = (): void => reject(work.error);
    Object.assign(work, { onsuccess: succeed, oncomplete: succeed, onerror: fail, onabort: fail });
  });
}
