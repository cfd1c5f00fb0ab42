/**
 * Persists undelivered spans in a store, removes them there once they are delivered, and restores those
 * of tabs and processes that are gone. The core decides what is to be persisted; the names of the entries
 * hold their owner and age.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { loadedBridge } from "../../bridge/loader.js";
import { unrefTimer } from "../../util/host.js";
import { isEnabled } from "../../util/enablement.js";
import { errorMessage } from "../../util/safe-access.js";
import { warnOnce } from "../../util/warn.js";
import { prepareExport, wakeExporter } from "../exporter.js";
import { parseEntryName, formatEntryName, hashAddress, type EntryInfo } from "./entry-name.js";
import type { StoreEntry, Store } from "./store.js";

/** The limits of a store, for the entries of all owners together. */
export interface PersistenceLimits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** How long finished spans wait to be persisted, so that one write covers all that end together. */
const PERSIST_DELAY_MS = 100;
/** How often a running program looks for entries of owners that are gone. */
const CLAIM_INTERVAL_MS = 60_000;
/** The tracking URI without a server: nothing is delivered, so there is nothing to restore. */
const MEMORY = "memory:";

let notPersisted = 0;

/** The number of spans that could not be stored for the next start, or were removed unsent. */
export function spansNotPersisted(): number {
  return notPersisted;
}

/** Warns once that persistence does not work here, and why. */
export function warnNotPersisted(error: unknown): void {
  warnOnce("not_persisted", `spans are kept in memory only and not for the next start: ${errorMessage(error)}`);
}

/** Manages one store. */
export class PersistenceManager {
  limits: PersistenceLimits;
  readonly #store: Store;
  /** The names of our entries, by the core's ids. */
  readonly #names = new Map<number, string>();
  #entryCount = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The destination whose entries were claimed last; empty before the first claim. */
  #claimedDestination = "";
  #nextClaimMs = 0;
  /** The size of all entries, of all owners as of the last listing: listing costs more than writing. */
  #bytes = 0;
  #isStopped = false;

  constructor(store: Store, limits: PersistenceLimits) {
    this.limits = limits;
    this.#store = store;
    store.onExit(() => void this.#persist(true));
    this.schedule();
  }

  /** Schedules a write, since there may be something to persist or to remove. Cheap, never throws. */
  schedule(): void {
    if (this.#timer !== undefined || this.#isStopped) return;
    const isFirst = this.#claimedDestination === "";
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#persist();
      },
      isFirst ? 0 : PERSIST_DELAY_MS,
    );
    // A short program must stay alive to restore what the previous one left. After that it need not: at
    // its exit it is notified, and persists what there is then.
    if (!isFirst) unrefTimer(this.#timer);
  }

  /** Stops persisting. The entries stay as they are, without an owner. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#store.close();
  }

  /** Persists, then restores if that is due. At exit only the synchronous part runs. Never rejects. */
  async #persist(isExit = false): Promise<void> {
    const bridge = loadedBridge();
    if (bridge === undefined || this.#isStopped) return;
    prepareExport(bridge);
    try {
      // Final spans of open traces wait for others to share their batch; at exit there will be none.
      if (isExit) bridge.tracer.flushNow();
      const uri = bridge.core.trackingUri();
      const destination = hashAddress(uri);
      while (await this.#persistBatch(bridge, isExit)) {
        if (this.#bytes > this.limits.maxBytes) await this.#enforceLimits();
      }
      const isClaimDue = !isExit && uri !== MEMORY && this.#isClaimDue(destination);
      if (!isClaimDue && this.#bytes <= this.limits.maxBytes) return;
      const entries = await this.#enforceLimits();
      if (isClaimDue) await this.#claimOrphans(bridge, destination, entries);
    } catch (error) {
      warnNotPersisted(error);
    }
  }

  /**
   * Writes new entries and removes delivered ones: all at exit, else a batch that does not block a page. Returns
   * whether there may be more.
   */
  async #persistBatch(bridge: Bridge, isExit: boolean): Promise<boolean> {
    const entries = this.#takeNewEntries(bridge, isExit);
    const delivered: string[] = [];
    for (const id of bridge.core.takeFinishedIds()) {
      const name = this.#names.get(id);
      if (name !== undefined) delivered.push(name);
      this.#names.delete(id);
    }
    // Both start before the first `await`: at a process's exit nothing runs after it.
    await Promise.all([this.#write(entries), this.#remove(delivered)]);
    for (const { bytes } of entries) this.#bytes += bytes.byteLength;
    return entries.length > 0 && !isExit && !this.#isStopped;
  }

  /** The records that the core has not handed out before: about half a megabyte of them, or all. */
  #takeNewEntries(bridge: Bridge, all: boolean): StoreEntry[] {
    const entries: StoreEntry[] = [];
    let records: PersistRecord[];
    do {
      records = takeRecords(bridge);
      for (const { id, spans, bytes, server } of records) {
        // Spans may wait for another server than the one that is set now.
        const destination = hashAddress(server);
        const name = this.#newName({ storedAtMs: Date.now(), spans, bytes: bytes.byteLength, destination });
        this.#names.set(id, name);
        entries.push({ name, bytes });
      }
    } while (all && records.length > 0);
    return entries;
  }

  #newName(info: Omit<EntryInfo, "name" | "owner">): string {
    return formatEntryName({ ...info, owner: this.#store.owner }, (this.#entryCount += 1));
  }

  async #write(entries: readonly StoreEntry[]): Promise<void> {
    try {
      if (entries.length > 0) await this.#store.write(entries);
    } catch (error) {
      for (const { name } of entries) notPersisted += parseEntryName(name)?.spans ?? 0;
      warnNotPersisted(error);
    }
  }

  async #remove(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#store.remove(names);
  }

  /** Removes expired entries, and the oldest ones while the store is too large, with some margin; returns the rest. */
  async #enforceLimits(): Promise<EntryInfo[]> {
    const entries = (await this.#store.names()).map(parseEntryName).filter((entry) => entry !== undefined);
    const { maxBytes, maxAgeMs } = this.limits;
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const targetBytes = bytes > maxBytes ? 0.9 * maxBytes : maxBytes;
    const removed: string[] = [];
    const rest = entries.filter((entry) => {
      if (bytes <= targetBytes && entry.storedAtMs >= Date.now() - maxAgeMs) return true;
      bytes -= entry.bytes;
      notPersisted += entry.spans;
      removed.push(entry.name);
      return false;
    });
    this.#bytes = bytes;
    await this.#remove(removed);
    return rest;
  }

  #isClaimDue(destination: string): boolean {
    return isEnabled() && (destination !== this.#claimedDestination || Date.now() > this.#nextClaimMs);
  }

  /** Restores what owners that are gone have stored for a destination. */
  async #claimOrphans(bridge: Bridge, destination: string, entries: readonly EntryInfo[]): Promise<void> {
    this.#claimedDestination = destination;
    this.#nextClaimMs = Date.now() + CLAIM_INTERVAL_MS;
    const others = entries.filter((entry) => entry.destination === destination && entry.owner !== this.#store.owner);
    if (others.length === 0) return;
    const aliveOwners = await this.#store.aliveOwners(new Set(others.map(({ owner }) => owner)));
    for (const entry of others) if (!aliveOwners.has(entry.owner)) await this.#restore(bridge, entry);
    wakeExporter();
  }

  /** Whether these bytes are those of the entry. What is not is counted, and never sent. */
  #isValid(bridge: Bridge, entry: EntryInfo, bytes: Uint8Array): boolean {
    if (bridge.core.isRecord(bytes)) return bytes.byteLength === entry.bytes;
    // Counts them as unreadable.
    bridge.core.restore(bytes);
    return false;
  }

  /** Claims one entry under a new name, and passes its spans to the core. */
  async #restore(bridge: Bridge, entry: EntryInfo): Promise<void> {
    const name = this.#newName(entry);
    const bytes = await this.#store.claim(entry.name, name, (found) => this.#isValid(bridge, entry, found));
    if (bytes === undefined) return;
    // Another server was set meanwhile: the entry is left for a start that sets its own.
    if (hashAddress(bridge.core.trackingUri()) !== entry.destination) return;
    const id = bridge.core.restore(bytes);
    if (id === 0) await this.#remove([name]);
    else this.#names.set(id, name);
  }
}

/** A record as the core hands it out (`PersistRecord` of src/export/persistence.rs). */
interface PersistRecord {
  readonly id: number;
  readonly spans: number;
  readonly bytes: Uint8Array;
  readonly server: string;
}

/** The records that the core has not handed out before. */
function takeRecords(bridge: Bridge): PersistRecord[] {
  return bridge.core.takeUnpersisted() as PersistRecord[];
}
