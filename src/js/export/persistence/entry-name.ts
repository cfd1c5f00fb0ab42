/**
 * The names of store entries. A name holds everything that is decided without reading the entry (its
 * age, size, owner and destination), so that searching a store costs a list of names.
 */

/** An entry, as described by its name. */
export interface EntryInfo {
  /** Its key in IndexedDB, or its file's name. */
  readonly name: string;
  /** When it was first stored, in milliseconds since 1970. */
  readonly storedAtMs: number;
  /** Its number among the entries of its owner, in the order in which they were made. */
  readonly number: number;
  /** How many spans it has; a change of a trace has none. */
  readonly spans: number;
  /** The hashed id of the trace that it changes; "" for spans. */
  readonly changedTrace: string;
  readonly bytes: number;
  /** The hashed address of the server that it is for. */
  readonly destination: string;
  /** The tab or process that will deliver it. */
  readonly owner: string;
}

/** Names of another form belong to another version, and are ignored. */
const FORMAT = /^p1\.([0-9a-z]{9})\.(\d+)\.(?:(\d+)|c([0-9a-z]+))\.(\d+)\.([0-9a-z]+)\.([\w-]+)$/;

/** The name of an entry. Names sort by age; `number` is unique among the entries of one owner. */
export function formatEntryName(
  { storedAtMs: atMs, spans, changedTrace, bytes, destination: scope, owner }: Omit<EntryInfo, "name" | "number">,
  number: number,
): string {
  const content = changedTrace === "" ? spans : `c${changedTrace}`;
  return `p1.${Math.floor(atMs).toString(36).padStart(9, "0")}.${number}.${content}.${bytes}.${scope}.${owner}`;
}

/** The entry with this name; `undefined` for a name of another form. */
export function parseEntryName(name: string): EntryInfo | undefined {
  const [, at = "", number, spans = 0, changedTrace = "", bytes, scope = "", owner = ""] = FORMAT.exec(name) ?? [];
  return owner === ""
    ? undefined
    : {
        name,
        storedAtMs: Number.parseInt(at, 36),
        number: Number(number),
        spans: Number(spans),
        changedTrace,
        bytes: Number(bytes),
        destination: scope,
        owner,
      };
}

/** An address as a short hash: names must not hold slashes, nor disclose internal hosts (FNV-1a, 32 bits). */
export function hashAddress(address: string): string {
  let hash = 0x811c9dc5;
  for (const character of address) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(36);
}
