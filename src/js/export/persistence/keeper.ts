/**
 * Keeps in a store what has not been delivered, forgets it there when it has been, and takes over
 * what tabs and processes have left that are gone. The core says what there is to keep; the names
 * in the store say whose it is and how old.
 */

import type { Bridge } from "../../bridge/bridge.js";
import { loadedBridge } from "../../bridge/loader.js";
import { unrefTimer } from "../../util/host.js";
import { isEnabled } from "../../util/switch.js";
import { reason } from "../../util/unknowns.js";
import { warnOnce } from "../../util/warn.js";
import { prepareExport, wakeExporter } from "../exporter.js";
import { keptAs, nameOf, scopeOf, type Kept } from "./name.js";
import type { Parcel, Store } from "./store.js";

/** How much is kept, of all owners together. */
export interface Limits {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** How long what was finished waits to be kept: one write for all that ends together. */
const KEEP_DELAY_MS = 100;
/** How often a program that runs on looks for what others have left. */
const LOOK_AGAIN_MS = 60_000;
/** Without a server there is nothing to deliver, so nothing to keep or to take over. */
const MEMORY = "memory:";

let notKept = 0;

/** Spans that could not be kept for the next start, or were kept and given up unsent. */
export function spansNotKept(): number {
  return notKept;
}

/** Says once that persistence does not work here, and why. */
export function warnNotKept(error: unknown): void {
  warnOnce("not_persisted", `spans are kept in memory only and not for the next start: ${reason(error)}`);
}

/** Looks after one store. */
export class Keeper {
  limits: Limits;
  readonly #store: Store;
  /** What is kept, by the core's numbers. */
  readonly #names = new Map<number, string>();
  #made = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookedFor = "";
  #lookAgainMs = 0;
  /** What is kept of all owners, as far as known here: listing it each time would cost more than keeping. */
  #bytes = 0;
  #stopped = false;

  constructor(store: Store, limits: Limits) {
    this.limits = limits;
    this.#store = store;
    store.beforeEnd(() => void this.#keep(true));
    this.touch();
  }

  /** There may be something to keep or to forget. Cheap, never throws. */
  touch(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const isFirst = this.#lookedFor === "";
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#keep();
      },
      isFirst ? 0 : KEEP_DELAY_MS,
    );
    // A short program must live to see what the last one left. For the rest it need not wait: when a
    // process ends it is told so, and keeps then what it has.
    if (!isFirst) unrefTimer(this.#timer);
  }

  /** Keeps nothing more. What is kept stays as it is, and belongs to nobody. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#store.end();
  }

  /** Goes as far as the store answers at once before it returns; that is all a process has at its exit. Never rejects. */
  async #keep(isLast = false): Promise<void> {
    const bridge = loadedBridge();
    if (bridge === undefined || this.#stopped) return;
    const { tracer } = bridge;
    prepareExport(bridge);
    try {
      // What has finished of traces in progress waits for company; there will be none any more.
      if (isLast) tracer.flushNow();
      const uri = bridge.core.trackingUri();
      const scope = scopeOf(uri);
      while (await this.#keepSome(bridge, scope, isLast)) {
        if (this.#bytes > this.limits.maxBytes) await this.#makeRoom(await this.#kept());
      }
      const isTimeToLook =
        !isLast && isEnabled() && uri !== MEMORY && (scope !== this.#lookedFor || Date.now() > this.#lookAgainMs);
      if (!isTimeToLook && this.#bytes <= this.limits.maxBytes) return;
      const kept = await this.#makeRoom(await this.#kept());
      if (!isTimeToLook) return;
      this.#lookedFor = scope;
      this.#lookAgainMs = Date.now() + LOOK_AGAIN_MS;
      await this.#takeOver(kept.filter((one) => one.scope === scope && one.owner !== this.#store.owner));
    } catch (error) {
      warnNotKept(error);
    }
  }

  /** Keeps and forgets what there is just now, at an exit all, else as much as does not hold up a page; tells whether there may be more. */
  async #keepSome(bridge: Bridge, scope: string, isLast: boolean): Promise<boolean> {
    const fresh = this.#fresh(bridge, scope, isLast);
    const finished = [...bridge.core.takeFinishedIds()]
      .map((number) => {
        const name = this.#names.get(number);
        this.#names.delete(number);
        return name;
      })
      .filter((name) => name !== undefined);
    // Both begin before either is waited for: at a process's exit there is no later.
    await Promise.all([this.#write(fresh), this.#forget(finished)]);
    for (const { bytes } of fresh) this.#bytes += bytes.byteLength;
    return fresh.length > 0 && !isLast && !this.#stopped;
  }

  #fresh(bridge: Bridge, scope: string, isAll: boolean): Parcel[] {
    return (isAll ? allUnpersisted(bridge) : unpersisted(bridge)).map(({ id, spans, bytes }) => {
      const name = this.#newName({ atMs: Date.now(), spans, bytes: bytes.byteLength, scope });
      this.#names.set(id, name);
      return { name, bytes };
    });
  }

  #newName(kept: Omit<Kept, "name" | "owner">): string {
    return nameOf({ ...kept, owner: this.#store.owner }, (this.#made += 1));
  }

  async #write(parcels: readonly Parcel[]): Promise<void> {
    try {
      if (parcels.length > 0) await this.#store.write(parcels);
    } catch (error) {
      for (const { name } of parcels) notKept += keptAs(name)?.spans ?? 0;
      warnNotKept(error);
    }
  }

  async #kept(): Promise<Kept[]> {
    return (await this.#store.names()).map(keptAs).filter((one) => one !== undefined);
  }

  async #forget(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#store.remove(names);
  }

  /** Gives up the oldest until the rest is within the limits, with some room for what comes next; returns the rest. */
  async #makeRoom(kept: readonly Kept[]): Promise<Kept[]> {
    const { maxBytes, maxAgeMs } = this.limits;
    let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    const roomBytes = bytes > maxBytes ? 0.9 * maxBytes : maxBytes;
    const tooMuch = kept.filter((one) => {
      if (bytes <= roomBytes && one.atMs >= Date.now() - maxAgeMs) return false;
      bytes -= one.bytes;
      notKept += one.spans;
      return true;
    });
    this.#bytes = bytes;
    await this.#forget(tooMuch.map(({ name }) => name));
    return kept.filter((one) => !tooMuch.includes(one));
  }

  /** Takes over what belongs to nobody who lives. */
  async #takeOver(foreign: readonly Kept[]): Promise<void> {
    const bridge = loadedBridge();
    if (foreign.length === 0 || bridge === undefined) return;
    const living = await this.#store.living(new Set(foreign.map(({ owner }) => owner)));
    for (const one of foreign) {
      if (living.has(one.owner)) continue;
      const name = this.#newName(one);
      const bytes = await this.#store.take(one.name, name);
      if (bytes === undefined) continue;
      const fresh = this.#fresh(bridge, one.scope, true);
      bridge.core.restore(bytes);
      // The core gives out again what it has just taken in; it is kept already, so its number is all that is new.
      const [restored] = unpersisted(bridge);
      if (restored !== undefined) this.#names.set(restored.id, name);
      await Promise.all([this.#write(fresh), this.#forget(restored === undefined ? [name] : [])]);
    }
    wakeExporter();
  }
}

/** A record as the core hands it out (`PersistRecord` of src/export/persistence.rs). */
interface PersistRecord {
  readonly id: number;
  readonly spans: number;
  readonly bytes: Uint8Array;
}

/** What the core has not handed out before, about half a megabyte of it. */
function unpersisted(bridge: Bridge): PersistRecord[] {
  return bridge.core.takeUnpersisted() as PersistRecord[];
}

/** All of that. */
function allUnpersisted(bridge: Bridge): PersistRecord[] {
  const all: PersistRecord[] = [];
  for (let some = unpersisted(bridge); some.length > 0; some = unpersisted(bridge)) all.push(...some);
  return all;
}
