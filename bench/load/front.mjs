// What stands before the servers, which take turns: it counts the requests of all pages, and can be away.
// `node front.mjs SERVER...` prints its port, takes "close", "open" and "report" on standard input, and prints the
// report as JSON.

import { Agent, createServer, request } from "node:http";
import { createInterface } from "node:readline";

const servers = process.argv.slice(2).map((uri) => new URL(uri));
const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const sockets = new Set();
const arrivals = [];
const byPath = {};
const byStatus = {};
let bytes = 0;
let isOpen = true;
let openedAtMs = Date.now();

const count = (table, key) => (table[key] = (table[key] ?? 0) + 1);

const front = createServer((incoming, outgoing) => {
  arrivals.push(Date.now());
  count(byPath, `${incoming.method} ${incoming.url.split("?")[0].replace(/tr-[0-9a-f]+/, "ID")}`);
  incoming.on("data", (chunk) => (bytes += chunk.length));
  const { hostname, port } = servers[arrivals.length % servers.length];
  const options = { hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers, agent };
  const onward = request(options, (answer) => {
    count(byStatus, answer.statusCode);
    outgoing.writeHead(answer.statusCode, answer.headers);
    answer.pipe(outgoing);
  });
  onward.on("error", () => {
    count(byStatus, "none");
    outgoing.destroy();
  });
  outgoing.on("close", () => outgoing.writableFinished || onward.destroy());
  incoming.pipe(onward);
});
front.on("connection", (socket) => {
  if (!isOpen) {
    arrivals.push(Date.now());
    socket.destroy();
    return;
  }
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
});
front.listen(0, "127.0.0.1", () => console.log(`PORT ${front.address().port}`));

const commands = {
  close: () => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  },
  open: () => {
    isOpen = true;
    openedAtMs = Date.now();
  },
  report: () => {
    const sinceOpen = arrivals.filter((at) => at >= openedAtMs).map((at) => Math.floor((at - openedAtMs) / 1000));
    const perSecond = Array.from({ length: 60 }, (_, second) => sinceOpen.filter((at) => at === second).length);
    console.log(`REPORT ${JSON.stringify({ requests: arrivals.length, bytes, byPath, byStatus, perSecond })}`);
  },
};
createInterface({ input: process.stdin }).on("line", (line) => commands[line]?.());
