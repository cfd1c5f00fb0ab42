/** The script of a fault server: one fault after another, and rules that apply to every request. */

/** The treatment of one request. */
export type Fault =
  /** It is passed on, as a healthy server would. */
  | { readonly kind: "none" }
  /**
   * The response has this status, with `Retry-After` as a date in `retryAtMs` milliseconds if given. Pages cannot read
   * it if `cors` is false, as from a proxy without CORS headers.
   */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly retryAtMs?: number;
      readonly cors?: boolean;
    }
  /**
   * The connection is closed: as soon as the request begins, when it has been read, in the middle of the response, or
   * once the server behind has stored it, so that the response is lost.
   */
  | { readonly kind: "closed"; readonly when: "at once" | "read" | "mid-answer" | "stored" }
  /** The port is closed for so long: connections are refused. */
  | { readonly kind: "down"; readonly ms: number }
  /** It is never answered. */
  | { readonly kind: "hang" }
  /** It is passed on after so long. */
  | { readonly kind: "slow"; readonly ms: number }
  /** The response has a body that no MLflow server sends. */
  | { readonly kind: "malformed"; readonly status: number; readonly what: MalformedBody }
  /** It is redirected to itself, or to another path, where it is passed on. */
  | { readonly kind: "redirect"; readonly status: number; readonly to: "itself" | "elsewhere" };

/** Kinds of malformed bodies. */
export type MalformedBody = "a web page" | "random bytes" | "JSON cut off" | "50 MB";

/** Faults for some requests, in this order, before requests are passed on. */
export interface Step {
  readonly fault: Fault;
  /** For how many requests; not given: one. */
  readonly times?: number;
  /** For which; not given: those that bring spans. */
  readonly of?: "spans" | "experiment";
}

/** Rules that apply from the first request to the last. */
export interface Rules {
  /** Larger bodies are answered with 413, as nginx does (`client_max_body_size`). */
  readonly largestBodyBytes?: number;
  /**
   * Bodies that hold this text are answered with `status`: the server cannot store such a span. With status 0 the
   * connection is closed.
   */
  readonly poison?: { readonly text: string; readonly status: number };
  /** Spans that hold this text are left out, and the answer counts them (OTLP's partial success). */
  readonly leftOut?: string;
  /** Packed bodies are answered with this status. */
  readonly packedStatus?: number;
  /** Requests without this `authorization` are answered with `status`. */
  readonly authorization?: { readonly value: string; readonly status: number };
}

/** Everything a fault server does. */
export interface FaultScript extends Rules {
  readonly steps?: readonly Step[];
}
