/**
 * Authentication: a token, or a name and a password, from options or from the environment variables
 * that MLflow's Python reads (mlflow/utils/credentials.py). Python's file `~/.mlflow/credentials`, AWS
 * signatures and plugins are not supported: give `headers` instead.
 */

import { invalid } from "../../util/errors.js";
import { secretsOf } from "../../export/headers.js";
import type { TransportSettings } from "../../export/settings.js";

/** The program's credentials. In a page every user can read them: see docs/relay.md. */
export interface AuthenticationOptions {
  /** Sent as `Authorization: Bearer …`. Default: the environment's `MLFLOW_TRACKING_TOKEN`. `null` removes it. */
  token?: string | null;
  /**
   * With `password`, sent as `Authorization: Basic …`. Default: the environment's `MLFLOW_TRACKING_USERNAME`.
   * `null` removes both.
   */
  username?: string | null;
  /** Default: the environment's `MLFLOW_TRACKING_PASSWORD`. */
  password?: string | null;
  /** The name of `token` in MLflow's TypeScript SDK. */
  trackingServerToken?: string | null;
  /** The name of `username` in MLflow's TypeScript SDK. */
  trackingServerUsername?: string | null;
  /** The name of `password` in MLflow's TypeScript SDK. */
  trackingServerPassword?: string | null;
}

type Authentication = Pick<TransportSettings, "authorization" | "secrets">;

const NO_AUTHENTICATION: Authentication = { authorization: undefined, secrets: [] };

/**
 * The settings that the options change; empty if none of them is given.
 *
 * @throws MlflowAg2Error `invalid_argument`; the message never shows the value given.
 */
export function readAuthentication({
  trackingServerToken,
  trackingServerUsername,
  trackingServerPassword,
  token = trackingServerToken,
  username = trackingServerUsername,
  password = trackingServerPassword,
}: AuthenticationOptions): Partial<Authentication> {
  if (token === undefined && username === undefined && password === undefined) return {};
  const hasName = username != null || password != null;
  if (token != null && hasName)
    throw invalid("give either `token` or `username` and `password`: one request can carry one of them");
  if (token != null) return bearer(token);
  return hasName ? basic(username, password) : NO_AUTHENTICATION;
}

function bearer(token: unknown): Authentication {
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token))
    throw invalid("`token` must be text without blanks, line breaks or letters beyond ASCII: trim it");
  const authorization = `Bearer ${token}`;
  return { authorization, secrets: secretsOf(authorization) };
}

function basic(username: unknown, password: unknown): Authentication {
  if (typeof username !== "string" || typeof password !== "string")
    throw invalid("`username` and `password` belong together: give both, as text");
  if (username === "" || username.includes(":"))
    throw invalid("`username` must not be empty nor hold a colon, which ends the name in a request");
  // The bytes of UTF-8, one character each, also where the host has no `TextEncoder`.
  const bytes = encodeURIComponent(`${username}:${password}`).replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  const authorization = `Basic ${btoa(bytes)}`;
  return { authorization, secrets: [...secretsOf(authorization), password] };
}
