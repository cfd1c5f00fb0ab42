/**
 * Whether another process that uses the same folder is alive. Each process has a file there. Deno locks
 * it, and the system releases the lock with the process. Node and Bun cannot lock files: there the
 * process id tells, for processes of one machine. Everywhere a heartbeat updates the file's time, so that
 * a file without a recent heartbeat is stale in any case.
 */

import { deno, hostModule, unrefTimer } from "../../util/host.js";
import type { FileSystem } from "./file-system.js";
import { hashAddress } from "./entry-name.js";

/** How often the file's time is updated. */
const HEARTBEAT_MS = 20_000;
/** Without a heartbeat for this long, a process counts as dead. */
const DEAD_AFTER_MS = 120_000;

/** This process, as an owner of files. */
export interface FileOwner {
  readonly id: string;
  /** The name of the file that is written before it gets its final name. */
  readonly temporaryName: string;
  /** Whether the owner with this id is alive. */
  isAlive(id: string): boolean;
  /** Removes the files of dead owners, other than their entries. */
  removeStaleFiles(names: readonly string[]): void;
  /** Ends the ownership. */
  release(): void;
}

interface ProcessLike {
  readonly pid: number;
  uptime(): number;
  kill(pid: number, signal: 0): unknown;
}

/** Makes this process an owner. `pathOf` returns the path of a name. */
export function createFileOwner(fs: FileSystem, pathOf: (name: string) => string): FileOwner {
  const { process } = globalThis as unknown as { process: ProcessLike };
  const machine = machineId();
  const random = Math.random().toString(36).slice(2, 10);
  const id = `${machine}-${process.pid}-${Math.floor(Date.now()).toString(36)}-${random}`;
  const file = pathOf(`${id}.alive`);
  fs.writeFileSync(file, new Uint8Array(), { mode: 0o600 });
  const lock = deno()?.openSync?.(file, { write: true });
  lock?.lockSync?.(true);
  const heartbeat = setInterval(() => {
    try {
      fs.utimesSync(file, new Date(), new Date());
    } catch {
      // The folder is gone, and our entries with it.
    }
  }, HEARTBEAT_MS);
  unrefTimer(heartbeat);

  function isAlive(other: string): boolean {
    const path = pathOf(`${other}.alive`);
    const [otherMachine, pid, since = ""] = other.split("-");
    try {
      const status = fs.lstatSync(path);
      if (!status.isFile() || status.mtimeMs < Date.now() - DEAD_AFTER_MS) return false;
      if (otherMachine !== machine) return true;
      if (machine === "deno") return isLocked(path);
      // A thread of this process, or an earlier process with the same id.
      if (Number(pid) === process.pid) return Number.parseInt(since, 36) > Date.now() - process.uptime() * 1000 - 50;
      process.kill(Number(pid), 0);
      return true;
    } catch (error) {
      // No such file or process: dead. A process of another user: alive.
      const { code } = error as { code?: string };
      return code !== "ENOENT" && code !== "ESRCH";
    }
  }

  return {
    id,
    temporaryName: `${id}.draft`,
    isAlive,
    removeStaleFiles(names) {
      for (const name of names) {
        if (!/\.(?:alive|draft)$/.test(name)) continue;
        // A recent file may belong to a process that is starting and has not locked it yet.
        if (fs.statSync(pathOf(name)).mtimeMs < Date.now() - DEAD_AFTER_MS) fs.rmSync(pathOf(name), { force: true });
      }
    },
    release() {
      clearInterval(heartbeat);
      fs.rmSync(file, { force: true });
    },
  };
}

/** The machine on which process ids are unique: its name, hashed; "deno" where locks are used instead. */
function machineId(): string {
  if (deno() !== undefined) return "deno";
  return hashAddress((hostModule("node:os") as { hostname(): string } | undefined)?.hostname() ?? "");
}

function isLocked(path: string): boolean {
  const file = deno()?.openSync?.(path, { write: true });
  try {
    // Older versions of Deno cannot try to lock; there the heartbeat decides.
    return file?.tryLockSync?.(true) !== true;
  } finally {
    file?.close();
  }
}
