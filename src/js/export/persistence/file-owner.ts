/**
 * Whether a process lives, as another can tell from a folder that both use. Each has a file there.
 * Deno locks it, and the system lets go of the lock with the process. Node and Bun cannot lock
 * files: there the number of the process tells, where both run on one machine. Everywhere the file
 * is touched now and then, so that one which is not was left behind, whatever else it looks like.
 */

import { deno, hostModule, unrefTimer } from "../../util/host.js";
import type { FileSystem } from "./file-system.js";
import { scopeOf } from "./name.js";

/** How often the file is touched. */
const BEAT_MS = 20_000;
/** Not touched for so long, its process is taken for dead. */
const DEAD_AFTER_MS = 120_000;

/** This process, as an owner of files. */
export interface FileOwner {
  readonly id: string;
  /** The name of a file that is being written. */
  readonly draft: string;
  /** Whether the owner with that id lives. */
  lives(id: string): boolean;
  /** Removes what dead owners left behind, other than parcels. */
  sweep(names: readonly string[]): void;
  /** Says that this process is over. */
  end(): void;
}

interface ProcessLike {
  readonly pid: number;
  uptime(): number;
  kill(pid: number, signal: 0): unknown;
}

/** Makes this process an owner. `place` gives a name its path. */
export function fileOwner(fs: FileSystem, place: (name: string) => string): FileOwner {
  const { process } = globalThis as unknown as { process: ProcessLike };
  const host = hostName();
  const random = Math.random().toString(36).slice(2, 10);
  const id = `${host}-${process.pid}-${Math.floor(Date.now()).toString(36)}-${random}`;
  const file = place(`${id}.alive`);
  fs.writeFileSync(file, new Uint8Array(), { mode: 0o600 });
  const lock = deno()?.openSync?.(file, { write: true });
  lock?.lockSync?.(true);
  const beat = setInterval(() => {
    try {
      fs.utimesSync(file, new Date(), new Date());
    } catch {
      // The folder is gone; who looks for us finds nothing to take either.
    }
  }, BEAT_MS);
  unrefTimer(beat);

  function lives(other: string): boolean {
    const path = place(`${other}.alive`);
    const [itsHost, pid, since = ""] = other.split("-");
    try {
      if (fs.statSync(path).mtimeMs < Date.now() - DEAD_AFTER_MS) return false;
      if (itsHost !== host) return true;
      if (host === "deno") return isLocked(path);
      // A thread of this very process, or a process before it that had the same number.
      if (Number(pid) === process.pid) return Number.parseInt(since, 36) > Date.now() - process.uptime() * 1000 - 50;
      process.kill(Number(pid), 0);
      return true;
    } catch (error) {
      // Not the file nor the process: dead. A process of another user's: alive.
      const { code } = error as { code?: string };
      return code !== "ENOENT" && code !== "ESRCH";
    }
  }

  return {
    id,
    draft: `${id}.draft`,
    lives,
    sweep(names) {
      for (const name of names) {
        if (!/\.(?:alive|draft)$/.test(name)) continue;
        // A young file may belong to a process that is just beginning, and has not locked it yet.
        if (fs.statSync(place(name)).mtimeMs < Date.now() - DEAD_AFTER_MS) fs.rmSync(place(name), { force: true });
      }
    },
    end() {
      clearInterval(beat);
      fs.rmSync(file, { force: true });
    },
  };
}

/** Where processes can be told apart: the machine's name, hashed; "deno" where locks do that. */
function hostName(): string {
  if (deno() !== undefined) return "deno";
  return scopeOf((hostModule("node:os") as { hostname(): string } | undefined)?.hostname() ?? "");
}

function isLocked(path: string): boolean {
  const file = deno()?.openSync?.(path, { write: true });
  try {
    // Older Denos cannot try; there the last touch decides.
    return file?.tryLockSync?.(true) !== true;
  } finally {
    file?.close();
  }
}
