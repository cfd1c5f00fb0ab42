/** A registry of npm's kind on localhost that has one package, from its tarball. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { listening } from "./local-server.js";
import { projectRoot } from "./project.js";

/** Serves the package of `tarball`, with the manifest of this project. */
export async function startNpmRegistry(tarball: string): Promise<{ uri: string; stop(): Promise<void> }> {
  const bytes = readFileSync(tarball);
  const manifest = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  const { name, version } = manifest;
  const server = createServer((request, response) => {
    if (request.url === "/package.tgz")
      return void response.writeHead(200, { "content-type": "application/octet-stream" }).end(bytes);
    if (request.url !== `/${name}`) return void response.writeHead(404).end("{}");
    const dist = {
      tarball: `http://${request.headers.host}/package.tgz`,
      integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
    };
    const packument = {
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, devDependencies: {}, dist } },
    };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(packument));
  });
  const { port, stop } = await listening(server);
  return {
    uri: `http://127.0.0.1:${port}/`,
    stop,
  };
}
