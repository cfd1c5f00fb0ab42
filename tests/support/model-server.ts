/** The scripted, OpenAI-compatible model server (oracle/llm_server.py). */

import { join } from "node:path";
import { Service } from "./child.js";
import { temporaryFolder } from "./folder.js";
import { goldenFolder, python, supportFolder } from "./project.js";

/** What is left of a script. */
export interface ScriptState {
  requests: number;
  /** Steps that were not requested. */
  unused: number[];
  /** Requests that no step fitted. */
  mismatches: number[];
}

/** A running model server. */
export interface ModelServer {
  /** The base URL of its API, ending in `/v1`. */
  baseUrl: string;
  /** The JSONL file with every request it received. */
  log: string;
  state(): Promise<ScriptState>;
  stop(): Promise<void>;
}

/** Starts a model server with the script of a golden scenario. */
export async function startModelServer(scenario: string): Promise<ModelServer> {
  const log = join(temporaryFolder("model"), `${scenario}.jsonl`);
  const script = join(goldenFolder, "scripts", `${scenario}.json`);
  const service = new Service(
    python(),
    [join(supportFolder, "oracle", "llm_server.py"), "--script", script, "--log", log],
    {
      cwd: supportFolder,
      environment: { PYTHONDONTWRITEBYTECODE: "1" },
    },
  );
  const port = await service.until(() => /^LISTENING (\d+)/m.exec(service.printed)?.[1], 180_000);
  const origin = `http://127.0.0.1:${port}`;
  return {
    baseUrl: `${origin}/v1`,
    log,
    state: async () => (await (await fetch(`${origin}/__state`)).json()) as ScriptState,
    stop: () => service.stop(),
  };
}
