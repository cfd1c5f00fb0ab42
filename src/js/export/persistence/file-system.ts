/** The file system. */

/** The functions of `node:fs` that this package uses; Node, Deno and Bun have them. */
export interface FileSystem {
  mkdirSync(path: string, options: { recursive: true; mode: number }): unknown;
  lstatSync(path: string): FileStatus;
  readdirSync(path: string, options: { withFileTypes: true }): readonly { readonly name: string; isFile(): boolean }[];
  readFileSync(path: string): Uint8Array;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: true }): void;
  statSync(path: string): FileStatus;
  utimesSync(path: string, atime: Date, mtime: Date): void;
  writeFileSync(path: string, data: Uint8Array, options: { mode: number }): void;
}

/** What a file system knows of a file. */
export interface FileStatus {
  readonly mtimeMs: number;
  readonly mode: number;
  readonly size: number;
  isFile(): boolean;
}

/** The permissions of POSIX to write, of the group and of all others. */
const WRITABLE_BY_OTHERS = 0o022;

/** Whether other users of the machine may change this file or folder. Windows has no such mode. */
export function isWritableByOthers({ mode }: FileStatus): boolean {
  const { process } = globalThis as { process?: { platform?: string } };
  return process?.platform !== "win32" && (mode & WRITABLE_BY_OTHERS) !== 0;
}
