/** What the programs of tests/hosts/programs print, as the tests read it. */

/** One span of the trace, as the program saw it through `getTrace`. */
export interface ReportedSpan {
  name: string;
  spanId: string;
  parentId: string | null;
  type: string;
  status: string;
  /** Nanoseconds since 1970, as text. */
  startTimeNs: string;
  endTimeNs: string;
  inputs: unknown;
  outputs: unknown;
  tokenUsage: Record<string, number> | null;
}

/** The trace, as the program saw it. */
export interface ReportedTrace {
  traceId: string;
  state: string;
  tokenUsage: Record<string, number> | undefined;
  spans: ReportedSpan[];
}

/** What a chat program prints. */
export interface ChatReport {
  /** Each chat's result, by its label in `NAME.result.json`. */
  results: Record<string, unknown>;
  trace: ReportedTrace | null;
  flushed: unknown;
  stats: Record<string, unknown>;
}

/** What `read_back` prints. */
export interface ReadBackReport {
  trace: ReportedTrace | null;
  preview: string | undefined;
  experimentId: string | undefined;
  /** What a trace that does not exist gives. */
  unknown: unknown;
}

/** The beginning of the line with the result. */
export const RESULT_MARK = "RESULT ";

/** Finds the result in what a program printed. */
export function resultIn(printed: string): unknown {
  const line = printed.split("\n").find((text) => text.startsWith(RESULT_MARK));
  if (line === undefined) throw new Error(`the program printed no result:\n${printed}`);
  return JSON.parse(line.slice(RESULT_MARK.length));
}
