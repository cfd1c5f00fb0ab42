/**
 * Keeps parcels in files, for Node, Deno and Bun: one file each, written beside and renamed, so
 * that no file is ever half a parcel. Everything happens at once, because a process that exits
 * waits for nobody.
 */

import { deno, hostModule, processEvents } from "../../util/host.js";
import { fileOwner, type FileOwner } from "./file-owner.js";
import type { FileSystem } from "./file-system.js";
import { keptAs } from "./name.js";
import type { Parcel, Store } from "./store.js";

/**
 * Opens the folder, and makes it if need be, for this user's eyes only.
 *
 * @throws Error where there are no files or the folder may not be written.
 */
export function openFiles(folder: string): Store {
  const { fs, place } = folderAt(folder);
  fs.mkdirSync(place(""), { recursive: true, mode: 0o700 });
  return new FileStore(fs, place, fileOwner(fs, place));
}

/**
 * Removes the parcels in the folder, and nothing else.
 *
 * @throws Error as `openFiles`, and where there is no such folder.
 */
export function eraseFiles(folder: string): void {
  const { fs, place } = folderAt(folder);
  for (const name of fs.readdirSync(place(""))) {
    if (keptAs(name) !== undefined) fs.rmSync(place(name), { force: true });
  }
}

/** Gives every name in the folder its path, for good: a program may change its working directory. */
function folderAt(folder: string): { fs: FileSystem; place: (name: string) => string } {
  const fs = hostModule("node:fs") as FileSystem | undefined;
  const path = hostModule("node:path") as
    | { resolve(path: string): string; join(folder: string, name: string): string }
    | undefined;
  if (fs === undefined || path === undefined) throw new Error("this host has neither IndexedDB nor files");
  const root = path.resolve(folder);
  askDeno(root, folder);
  return { fs, place: (name) => path.join(root, name) };
}

/** Deno would ask the person at the terminal, who has other things to do. */
function askDeno(root: string, folder: string): void {
  const permissions = deno()?.permissions;
  if (permissions?.querySync === undefined) return;
  for (const name of ["read", "write"] as const) {
    if (permissions.querySync({ name, path: root })?.state !== "granted") {
      throw new Error(
        `Deno may not use the folder \`${folder}\`: run it with \`--allow-read=${folder} --allow-write=${folder}\``,
      );
    }
  }
}

class FileStore implements Store {
  readonly owner: string;
  readonly #fs: FileSystem;
  readonly #place: (name: string) => string;
  readonly #owner: FileOwner;

  constructor(fs: FileSystem, place: (name: string) => string, owner: FileOwner) {
    this.#fs = fs;
    this.#place = place;
    this.#owner = owner;
    this.owner = owner.id;
    owner.sweep(this.names());
  }

  names(): string[] {
    return this.#fs.readdirSync(this.#place("")).sort();
  }

  write(parcels: readonly Parcel[]): void {
    const draft = this.#place(this.#owner.draft);
    for (const { name, bytes } of parcels) {
      this.#fs.writeFileSync(draft, bytes, { mode: 0o600 });
      this.#fs.renameSync(draft, this.#place(name));
    }
  }

  take(name: string, newName: string): Uint8Array | undefined {
    try {
      this.#fs.renameSync(this.#place(name), this.#place(newName));
    } catch {
      return undefined;
    }
    return this.#fs.readFileSync(this.#place(newName));
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#fs.rmSync(this.#place(name), { force: true });
  }

  living(owners: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...owners].filter((owner) => this.#owner.lives(owner)));
  }

  beforeEnd(save: () => void): void {
    const last = (): void => {
      save();
      this.end();
    };
    if (deno() === undefined) {
      processEvents()?.on("exit", last);
      return;
    }
    // Deno tells of a program's end by an event, but not of an end by an error.
    addEventListener("error", save);
    addEventListener("unhandledrejection", save);
    addEventListener("unload", last);
  }

  end(): void {
    this.#owner.end();
  }
}
