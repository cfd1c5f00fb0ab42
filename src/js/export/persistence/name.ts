/**
 * What a kept parcel is called. The name says everything that is decided without reading the
 * parcel (how old, how large, whose, for which server), so that looking through a store costs a
 * list of names.
 */

/** A parcel as its name tells of it. */
export interface Kept {
  /** Its key in IndexedDB, or its file's name. */
  readonly name: string;
  /** When it was kept first, in milliseconds since 1970. */
  readonly atMs: number;
  readonly spans: number;
  readonly bytes: number;
  /** Stands for the server it is meant for. */
  readonly scope: string;
  /** The tab or process that answers for it. */
  readonly owner: string;
}

/** Names of another form belong to another version, and are left alone. */
const FORM = /^p1\.([0-9a-z]{9})\.\d+\.(\d+)\.(\d+)\.([0-9a-z]+)\.([\w-]+)$/;

/** Names sort by age. `number` tells apart what one owner keeps. */
export function nameOf({ atMs, spans, bytes, scope, owner }: Omit<Kept, "name">, number: number): string {
  return `p1.${Math.floor(atMs).toString(36).padStart(9, "0")}.${number}.${spans}.${bytes}.${scope}.${owner}`;
}

/** What that name says; `undefined` for a name that is none of ours. */
export function keptAs(name: string): Kept | undefined {
  const [, at = "", spans, bytes, scope = "", owner = ""] = FORM.exec(name) ?? [];
  return owner === ""
    ? undefined
    : { name, atMs: Number.parseInt(at, 36), spans: Number(spans), bytes: Number(bytes), scope, owner };
}

/** A short word for an address: names hold no slashes, and tell nobody of internal hosts (FNV-1a, 32 bits). */
export function scopeOf(address: string): string {
  let hash = 0x811c9dc5;
  for (const character of address) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
