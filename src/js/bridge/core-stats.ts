/** What the core counts, and the failures that it tells of. */

/** The counters of the core (src/export/stats.rs): numbers of spans unless stated otherwise. */
export interface CoreStats {
  /** Started, or restored from a previous run of the program. */
  readonly started: number;
  /** In progress. */
  readonly open: number;
  /** Finished, and queued or in flight. */
  readonly buffered: number;
  /** Stored by the server, as its response says. */
  readonly delivered: number;
  /** Finished with the tracking URI "memory:", so that they are sent nowhere; also if memory forgets them later. */
  readonly inMemory: number;
  /** Dropped, by reason (docs/troubleshooting.md, "Lost spans"); every reason is listed. */
  readonly dropped: Readonly<Record<string, number>>;
  /**
   * Infos of traces (previews, source) that the server has not stored, by reason, without anything that the program
   * gave; their spans arrived.
   */
  readonly droppedInfos: Readonly<Record<"bufferFull" | "refused" | "retriesExhausted", number>>;
  /** Requests sent, of all kinds but those that read traces back. */
  readonly requests: number;
  /** Responses after which the same request was to be retried. */
  readonly retries: number;
  /** Traces that were ended because they were open for `traceTimeoutMs`. */
  readonly timedOut: number;
  /** Restored from a previous run of the program; they count as started too. */
  readonly restored: number;
  /** Traces whose root has ended. */
  readonly traces: number;
  /** Spans whose parent was not recorded any more, so that they started a separate trace. */
  readonly orphans: number;
  /** Values that were recorded in part, since they were larger than the limits set with `init`. */
  readonly truncated: number;
  /** Events that the core could not apply. */
  readonly eventErrors: number;
  /** The newest failure of a request. */
  readonly lastError: LastError | undefined;
}

/** A failure of a request. */
export interface LastError extends Notice {
  /** When it happened, in milliseconds since 1970. */
  readonly timestampMs: number;
  /** When the first of the failures happened since all went well, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Whether what had failed has gone well since: spans were stored, or the experiment was found. */
  readonly isOver: boolean;
}

/** A failure that a person should know about. */
export interface Notice {
  /** Stable, meant for branching: the code of a warning, or an `ErrorCode` (docs/troubleshooting.md). */
  readonly code: string;
  /** For people; names the remedy. */
  readonly message: string;
}
