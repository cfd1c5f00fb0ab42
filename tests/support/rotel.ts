/** A real collector for OTLP that others wrote: Rotel. */

import { join } from "node:path";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { freePort } from "./mlflow-server.js";
import { rotel } from "./project.js";

/** A running collector. */
export interface Collector {
  /** What `otlpEndpoint` is set to. */
  endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts a collector that sends on what it gets, half a second later and together.
 *
 * @param uri the server that it sends to, at `/v1/traces`
 * @param headers added to its requests
 */
export async function startCollector(uri: string, headers: Readonly<Record<string, string>> = {}): Promise<Collector> {
  const folder = temporaryFolder("rotel");
  const address = `127.0.0.1:${await freePort()}`;
  const added = Object.entries(headers).flatMap(([name, value]) => [
    "--otlp-exporter-custom-headers",
    `${name}=${value}`,
  ]);
  const service = new Service(rotel(), ["start", "--pid-file", join(folder, "pid"), ...added], {
    cwd: folder,
    environment: {
      ROTEL_OTLP_HTTP_ENDPOINT: address,
      ROTEL_OTLP_GRPC_ENDPOINT: "127.0.0.1:0",
      ROTEL_BATCH_TIMEOUT: "500ms",
      ROTEL_EXPORTER: "otlp",
      ROTEL_OTLP_EXPORTER_PROTOCOL: "http",
      ROTEL_OTLP_EXPORTER_ENDPOINT: uri,
      ROTEL_OTLP_EXPORTER_REQUEST_TIMEOUT: "60s",
      ROTEL_OTLP_EXPORTER_RETRY_INITIAL_BACKOFF: "200ms",
    },
  });
  await service.until(async () => (await fetch(`http://${address}`).catch(() => undefined))?.status, 60_000);
  return { endpoint: `http://${address}/v1/traces`, stop: () => service.stop() };
}
