/** The channel between a page and the Node process that has opened it. */

import type { Received } from "../../answering-server.js";
import type { CaseReport } from "./test.js";

/** The messages of a page: its reports, and its commands for the servers that run in the Node process. */
export type FromPage =
  | { report: CaseReport }
  /** The end of the cases: empty, or the reason why they have not all run. */
  | { over: string }
  /** Returns the server's origin. */
  | { listen: number }
  | { close: number }
  | { reply: number; step: "head"; status: number; headers: Record<string, string> }
  | { reply: number; step: "write" | "end"; piece: string | number[] }
  | { reply: number; step: "destroy" };

/** The messages of the Node process: a server of the page has received a request, or its connection is closed. */
export type ToPage = { server: number; reply: number; received: Received } | { closed: number };

/** The function that Playwright exposes for the page to call, and the one that the Node process calls. */
export interface Channel {
  nodeProcess(message: FromPage): Promise<string>;
  fromNodeProcess?: (message: ToPage) => void;
}

const channel = globalThis as unknown as Channel;

/** Sends messages to the Node process, in the order of the calls. */
export function nodeProcess(message: FromPage): Promise<string> {
  return channel.nodeProcess(message);
}

/** Sets the listener for messages of the Node process. */
export function onMessage(listener: (message: ToPage) => void): void {
  channel.fromNodeProcess = listener;
}
