/**
 * A store of files, for Node, Deno and Bun: one file per entry, written under a temporary name and
 * renamed, so that no entry is ever incomplete. All methods are synchronous, because a process that
 * exits does not wait for promises.
 */

import { deno, hostModule, processEvents } from "../../util/host.js";
import { createFileOwner, type FileOwner } from "./file-owner.js";
import { type FileSystem, isWritableByOthers } from "./file-system.js";
import { parseEntryName } from "./entry-name.js";
import type { StoreEntry, Store } from "./store.js";

/**
 * Opens the folder, and creates it if need be, readable for this user only.
 *
 * @throws Error where the host has no files, or the folder is not writable, or others may write to it: they could
 * add records, or replace ours.
 */
export function openFileStore(folder: string): Store {
  const { fs, pathOf } = resolveFolder(folder);
  fs.mkdirSync(pathOf(""), { recursive: true, mode: 0o700 });
  if (isWritableByOthers(fs.statSync(pathOf(""))))
    throw new Error(`others may write to the folder \`${folder}\`: run \`chmod go-w ${folder}\`, or set another one`);
  return new FileStore(fs, pathOf, createFileOwner(fs, pathOf));
}

/**
 * Removes the entries in the folder, and nothing else.
 *
 * @throws Error as `openFileStore`, and where there is no such folder.
 */
export function eraseFileStore(folder: string): void {
  const { fs, pathOf } = resolveFolder(folder);
  for (const name of fileNames(fs, pathOf(""))) {
    if (parseEntryName(name) !== undefined) fs.rmSync(pathOf(name), { force: true });
  }
}

/** The names of the regular files in a folder: links, pipes and folders are not ours. */
function fileNames(fs: FileSystem, folder: string): string[] {
  const files = fs.readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile());
  return files.map(({ name }) => name);
}

/** The file system and the paths in the folder, as absolute paths: a program may change its working directory. */
function resolveFolder(folder: string): { fs: FileSystem; pathOf: (name: string) => string } {
  const fs = hostModule("node:fs") as FileSystem | undefined;
  const path = hostModule("node:path") as
    | { resolve(path: string): string; join(folder: string, name: string): string }
    | undefined;
  if (fs === undefined || path === undefined) throw new Error("this host has neither IndexedDB nor files");
  const root = path.resolve(folder);
  checkDenoPermissions(root, folder);
  return { fs, pathOf: (name) => path.join(root, name) };
}

/** Checks the permissions, since Deno would prompt for missing ones at the terminal. */
function checkDenoPermissions(root: string, folder: string): void {
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
  readonly #pathOf: (name: string) => string;
  readonly #owner: FileOwner;

  constructor(fs: FileSystem, pathOf: (name: string) => string, owner: FileOwner) {
    this.#fs = fs;
    this.#pathOf = pathOf;
    this.#owner = owner;
    this.owner = owner.id;
    owner.removeStaleFiles(this.names());
  }

  names(): string[] {
    return fileNames(this.#fs, this.#pathOf("")).sort();
  }

  write(entries: readonly StoreEntry[]): void {
    const temporary = this.#pathOf(this.#owner.temporaryName);
    for (const { name, bytes } of entries) {
      this.#fs.writeFileSync(temporary, bytes, { mode: 0o600 });
      this.#fs.renameSync(temporary, this.#pathOf(name));
    }
  }

  claim(name: string, newName: string, isValid: (bytes: Uint8Array) => boolean): Uint8Array | undefined {
    try {
      const path = this.#pathOf(name);
      const status = this.#fs.lstatSync(path);
      if (!status.isFile() || isWritableByOthers(status)) return undefined;
      // A file of another size may be as large as the disk.
      const bytes = status.size === parseEntryName(name)?.bytes ? this.#fs.readFileSync(path) : new Uint8Array();
      if (!isValid(bytes)) {
        this.#fs.rmSync(path, { force: true });
        return undefined;
      }
      this.#fs.renameSync(path, this.#pathOf(newName));
      return bytes;
    } catch {
      // Another process was faster.
      return undefined;
    }
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#fs.rmSync(this.#pathOf(name), { force: true });
  }

  aliveOwners(owners: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...owners].filter((owner) => this.#owner.isAlive(owner)));
  }

  onExit(save: () => void): void {
    const last = (): void => {
      save();
      this.close();
    };
    if (deno() === undefined) {
      processEvents()?.on("exit", last);
      return;
    }
    // Deno has an event for a program's end, but not for its end by an error.
    addEventListener("error", save);
    addEventListener("unhandledrejection", save);
    addEventListener("unload", last);
  }

  close(): void {
    this.#owner.release();
  }
}
