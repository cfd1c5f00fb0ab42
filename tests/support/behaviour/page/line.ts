/** The line between a page and the Node process that has opened it. */

import type { Received } from "../../answering-server.js";
import type { CaseReport } from "./test.js";

/** What a page tells, or asks the Node process to do with the servers it holds for the page. */
export type FromPage =
  | { report: CaseReport }
  /** All cases have run, or why they have not. */
  | { over: string }
  /** Answered with the server's origin. */
  | { listen: number }
  | { close: number }
  | { reply: number; step: "head"; status: number; headers: Record<string, string> }
  | { reply: number; step: "write" | "end"; piece: string | number[] }
  | { reply: number; step: "destroy" };

/** What the Node process tells: a request has come to a server of the page, or its connection is closed. */
export type ToPage = { server: number; reply: number; received: Received } | { closed: number };

/** The function by which the page calls, which Playwright puts there, and the one by which it is called. */
export interface Line {
  nodeProcess(message: FromPage): Promise<string>;
  fromNodeProcess?: (message: ToPage) => void;
}

const line = globalThis as unknown as Line;

/** Tells the Node process, in the order of the calls. */
export function nodeProcess(message: FromPage): Promise<string> {
  return line.nodeProcess(message);
}

/** Sets who hears what the Node process tells. */
export function hear(listener: (message: ToPage) => void): void {
  line.fromNodeProcess = listener;
}
