/** A Worker of Cloudflare's: answers a request with what the conversation left. */

import { chat } from "./chat.js";

export default {
  async fetch(request: Request): Promise<Response> {
    return request.method === "HEAD" ? new Response() : Response.json(await chat(new URL(request.url).search));
  },
};
