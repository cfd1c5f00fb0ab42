/** A server of the official SDK in the same program, and a client of it. */

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer, type RegisteredTool, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { EmptyResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

/** A connection to a server. */
export interface Connection {
  readonly client: Client;
  readonly server: McpServer;
  /** The server's tool "map". */
  readonly map: RegisteredTool;
}

/** A server of that name with tools of each kind, and a resource template. */
export function toolServer(name = "weather station"): Omit<Connection, "client"> {
  let cancellations = 0;
  const server = new McpServer({ name, version: "1.2.3" });
  server.registerTool(
    "weather",
    { description: "Tells the weather.", inputSchema: { city: z.string(), days: z.number().int().default(1) } },
    ({ city, days }) => ({ content: [{ type: "text", text: `Sun in ${city} for ${days} days.` }] }),
  );
  server.registerTool("context", { description: "Tells the trace context." }, ({ _meta }) => ({
    content: [{ type: "text", text: String(_meta?.["traceparent"]) }],
  }));
  server.registerTool("fail", { description: "Fails." }, () => ({
    content: [{ type: "text", text: "the sensor is broken" }],
    isError: true,
  }));
  const map = server.registerTool("map", { description: "Draws a map." }, () => ({
    content: [
      { type: "text", text: "north" },
      { type: "text", text: "south" },
      { type: "image", data: "aGVsbG8=", mimeType: "image/png" },
      { type: "resource_link", uri: "file:///map.txt", name: "map" },
    ],
  }));
  server.registerTool("lines", { description: "Gives two lines." }, () => ({
    content: [
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ],
  }));
  server.registerTool("measure", { description: "Measures.", outputSchema: { degrees: z.number() } }, () => ({
    content: [{ type: "text", text: '{ "degrees": 21 }' }],
    structuredContent: { degrees: 21 },
  }));
  server.registerTool("steps", { description: "Takes steps." }, async ({ _meta, sendNotification, sendRequest }) => {
    const progressToken = _meta?.progressToken ?? "none";
    for (const progress of [1, 2]) {
      const params = { progressToken, progress, total: 2, message: `step ${progress}` };
      await sendNotification({ method: "notifications/progress", params });
    }
    // The SDK drops a report that arrives with the response: the client must have read the reports before.
    await sendRequest({ method: "ping" }, EmptyResultSchema);
    return { content: [{ type: "text", text: "done" }] };
  });
  server.registerTool(
    "wait",
    { description: "Waits to be cancelled." },
    async ({ signal, _meta, sendNotification }) => {
      const cancelled = new Promise((resolve) => signal.addEventListener("abort", resolve));
      const params = { progressToken: _meta?.progressToken ?? "none", progress: 0, message: "waiting" };
      await sendNotification({ method: "notifications/progress", params });
      await cancelled;
      cancellations += 1;
      return { content: [] };
    },
  );
  server.registerTool("cancellations", { description: "Counts the cancelled calls." }, () => ({
    content: [{ type: "text", text: String(cancellations) }],
  }));
  server.registerResource(
    "city notes",
    new ResourceTemplate("notes://{city}", { list: undefined }),
    { description: "Notes on a city." },
    (uri) => ({ contents: [{ uri: uri.href, text: `notes of ${uri.host}` }] }),
  );
  return { server, map };
}

/** A client that is connected to a server. */
export async function clientOf(own: Omit<Connection, "client"> = toolServer()): Promise<Connection> {
  const client = new Client({ name: "test", version: "0" });
  const [mine, theirs] = InMemoryTransport.createLinkedPair();
  await own.server.connect(theirs);
  await client.connect(mine);
  return { client, ...own };
}
