/**
 * Persists undelivered spans and changes of traces in a store, removes them there once they are delivered, and restores
 * those of tabs and processes that are gone. The core decides which spans are to be persisted; the names of the entries
 * hold their owner and age.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { loadedBridge } from "../../bridge/loader.js";
import { unrefTimer } from "../../util/host.js";
import { isEnabled } from "../../util/enablement.js";
import { errorMessage } from "../../util/safe-access.js";
import { warnOnce } from "../../util/warn.js";
import { prepareExport, wakeExporter } from "../exporter.js";
import { waitingChanges } from "../waiting-changes.js";
import { type ChangeRequest, decodeChange, encodeChange } from "../changes/change-request.js";
import { takeDoneChanges, takeUnstoredChanges, WaitingChange } from "../changes/waiting-change.js";
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

/** While more changes than this wait, none are restored. */
const MAX_WAITING_CHANGES = 1_000;

let notPersisted = 0;

/** The number of spans and of changes of traces that could not be stored, or were removed from the store unsent. */
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
  /** The names of our entries, by the core's ids of spans, or by the change. */
  readonly #names = new Map<number | WaitingChange, string>();
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
    const changes = takeUnstoredChanges();
    const entries = [...this.#takeNewEntries(bridge, isExit), ...changes.map((change) => this.#entryOf(change))];
    const delivered: string[] = [];
    for (const id of [...bridge.core.takeFinishedIds(), ...takeDoneChanges()]) {
      const name = this.#names.get(id);
      if (name !== undefined) delivered.push(name);
      this.#names.delete(id);
    }
    // Both start before the first `await`: at a process's exit nothing runs after it.
    const [isWritten] = await Promise.all([this.#write(entries), this.#remove(delivered)]);
    for (const change of changes) change.isStorable = isWritten;
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
        const size = { spans, changedTrace: "", bytes: bytes.byteLength };
        const name = this.#newName({ storedAtMs: Date.now(), destination, ...size });
        this.#names.set(id, name);
        entries.push({ name, bytes });
      }
    } while (all && records.length > 0);
    return entries;
  }

  #entryOf(change: WaitingChange): StoreEntry {
    const { place, traceId } = change.request;
    const bytes = encodeChange(change.request);
    const name = this.#newName({
      storedAtMs: Date.now(),
      spans: 0,
      changedTrace: hashAddress(traceId),
      bytes: bytes.byteLength,
      destination: hashAddress(place.trackingUri),
    });
    this.#names.set(change, name);
    return { name, bytes };
  }

  #newName(info: Omit<EntryInfo, "name" | "number" | "owner">): string {
    return formatEntryName({ ...info, owner: this.#store.owner }, (this.#entryCount += 1));
  }

  /** Returns whether the entries are stored. */
  async #write(entries: readonly StoreEntry[]): Promise<boolean> {
    try {
      if (entries.length > 0) await this.#store.write(entries);
      return true;
    } catch (error) {
      for (const { name } of entries) notPersisted += contentCount(parseEntryName(name)!);
      warnNotPersisted(error);
      return false;
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
      notPersisted += contentCount(entry);
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
    const here = entries.filter((entry) => entry.destination === destination && entry.owner !== this.#store.owner);
    if (here.length === 0) return;
    const aliveOwners = await this.#store.aliveOwners(new Set(here.map(({ owner }) => owner)));
    const orphans = here.filter(({ owner }) => !aliveOwners.has(owner));
    // The changes of one trace are sent in their order, so one tab or process claims all of them.
    const claimed = new Set(here.filter(({ owner }) => aliveOwners.has(owner)).map((entry) => entry.changedTrace));
    const changes: [ChangeRequest, string][] = [];
    for (const entry of orphans.sort((one, other) => one.storedAtMs - other.storedAtMs || one.number - other.number)) {
      if (entry.changedTrace === "") await this.#restore(bridge, entry);
      else if (!claimed.has(entry.changedTrace) && waitingChanges() + changes.length < MAX_WAITING_CHANGES)
        await this.#claimChange(bridge, entry, claimed, changes);
    }
    // After the spans of all traces, which are sent first.
    for (const [request, name] of changes) {
      this.#names.set(new WaitingChange(bridge, request, undefined, true), name);
    }
    wakeExporter();
  }

  /** Whether these bytes are those of the entry. What is not is counted, and never sent. */
  #isValid(bridge: Bridge, entry: EntryInfo, bytes: Uint8Array): boolean {
    const isRecord = entry.changedTrace === "" ? bridge.core.isRecord(bytes) : decodeChange(bytes) !== undefined;
    if (isRecord) return bytes.byteLength === entry.bytes;
    // Counts them as unreadable.
    bridge.core.restore(entry.changedTrace === "" ? bytes : new Uint8Array());
    return false;
  }

  /** Claims one entry under a new name. Without bytes it was invalid, or another was faster. */
  async #claim(bridge: Bridge, entry: EntryInfo): Promise<{ name: string; bytes?: Uint8Array; isInvalid?: boolean }> {
    const name = this.#newName(entry);
    let isInvalid = false;
    const bytes = await this.#store.claim(entry.name, name, (found) => {
      isInvalid = !this.#isValid(bridge, entry, found);
      return !isInvalid;
    });
    // Another server was set meanwhile: the entry is left for a start that sets its own.
    const isHere = hashAddress(bridge.core.trackingUri()) === entry.destination;
    return bytes === undefined || !isHere ? { name, isInvalid } : { name, bytes };
  }

  /** Claims the spans of one entry, and passes them to the core. */
  async #restore(bridge: Bridge, entry: EntryInfo): Promise<void> {
    const { name, bytes } = await this.#claim(bridge, entry);
    if (bytes === undefined) return;
    const id = bridge.core.restore(bytes);
    if (id === 0) await this.#remove([name]);
    else this.#names.set(id, name);
  }

  /** Adds one change to `changes`, or its trace to those of which another claims the changes. */
  async #claimChange(
    bridge: Bridge,
    entry: EntryInfo,
    claimed: Set<string>,
    changes: [ChangeRequest, string][],
  ): Promise<void> {
    const { name, bytes, isInvalid } = await this.#claim(bridge, entry);
    if (bytes === undefined) {
      if (!isInvalid) claimed.add(entry.changedTrace);
      return;
    }
    const request = decodeChange(bytes);
    // The address of another server may have the same hash.
    if (request?.place.trackingUri === bridge.core.trackingUri()) changes.push([request, name]);
  }
}

/** How much is lost with an entry: its spans, or a change. */
function contentCount({ spans, changedTrace }: EntryInfo): number {
  return changedTrace === "" ? spans : 1;
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
