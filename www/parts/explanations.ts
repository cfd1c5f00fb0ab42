/** Explanations for failed requests to a server from this page, and their fixes. Uses no document. */

import type { Outcome } from "./page.js";

/** What is known of a request that failed. */
export interface Failure {
  /** `MlflowAg2Error.code`, if it was one. */
  readonly code: string | undefined;
  readonly message: string;
  /** The server's address. */
  readonly uri: string;
  /** Whether the page's own policy forbade the request. */
  readonly isForbidden: boolean;
  /** The page's address. */
  readonly page: { readonly protocol: string; readonly origin: string };
}

/** A browser does not tell a page why a request failed, so the likely reasons are listed with their fixes. */
export function explain({ code, message, uri, isForbidden, page }: Failure): Outcome {
  if (code === "unauthorized") {
    return {
      state: "bad",
      text:
        `${message}\n\nThis server requires a login. MLflow's basic-auth requires it for preflight ` +
        "requests, which cannot carry one, so a page cannot reach it directly: put a reverse proxy before it that " +
        "answers OPTIONS and adds the login, on this page's own origin.",
    };
  }
  if (code !== "unreachable") return { state: "bad", text: message };
  if (isForbidden) {
    return {
      state: "bad",
      text: `The host of this page forbids it to talk to ${uri}. Let it send this content security policy:`,
      command: "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' http: https:",
    };
  }
  if (page.protocol === "https:" && uri.startsWith("http:") && !/^http:\/\/(localhost|127\.|\[::1\])/.test(uri)) {
    return {
      state: "bad",
      text:
        "This page came by https, so the browser lets it talk to https addresses and to localhost only; " +
        `${uri} is neither. Serve MLflow by https, or open this page by http.`,
    };
  }
  return {
    state: "bad",
    text:
      `No answer from ${uri} reached this page. Either no server runs there, or it does not allow this page's ` +
      "origin (CORS). MLflow allows http://localhost by itself; other origins must be set:",
    command: `mlflow server --port ${portOf(uri)} --cors-allowed-origins "${page.origin}"`,
  };
}

function portOf(uri: string): string {
  const { port, protocol } = new URL(uri);
  return port !== "" ? port : protocol === "https:" ? "443" : "80";
}
