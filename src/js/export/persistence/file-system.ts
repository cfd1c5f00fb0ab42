/** The functions of `node:fs` that this package uses; Node, Deno and Bun have them. */
export interface FileSystem {
  mkdirSync(path: string, options: { recursive: true; mode: number }): unknown;
  readdirSync(path: string): string[];
  readFileSync(path: string): Uint8Array;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { force: true }): void;
  statSync(path: string): { mtimeMs: number };
  utimesSync(path: string, atime: Date, mtime: Date): void;
  writeFileSync(path: string, data: Uint8Array, options: { mode: number }): void;
}
