import { chat } from "../../chat.js";

export const runtime = "edge";

export async function GET(request) {
  return Response.json(await chat(new URL(request.url).search));
}
