// The relay of relay.js as a program for Deno; `deno run --allow-net --allow-env relay.js` is the same.
import { createRelay, settingsFrom } from "./relay.js";

const relay = createRelay(settingsFrom(Deno.env.toObject()));
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 8000) }, relay);
