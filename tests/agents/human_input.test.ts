/** Asking persons through a function of the program's own. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { humanInput, type HumanInputRequest } from "mlflow-ag2/agents";
import { plainAgent } from "./cast.js";

test("whoever shows a question learns who asks whom, and the first response counts", async () => {
  const requests: HumanInputRequest[] = [];
  const user = plainAgent("user", {
    humanInputMode: "ALWAYS",
    getHumanInput: humanInput((request) => {
      requests.push(request);
      request.respond("exit");
      request.respond("ignored");
    }),
  });
  const helper = plainAgent("helper", { defaultAutoReply: "Well?" });

  const { humanInput: typed } = await user.initiateChat(helper, { message: "Ask me." });

  assert.deepEqual(typed, ["exit"]);
  assert.deepEqual([requests[0]?.agent, requests[0]?.sender], [user, helper]);
});

test("what cannot show a question fails the chat", async () => {
  const user = plainAgent("user", {
    humanInputMode: "ALWAYS",
    getHumanInput: humanInput(() => {
      throw new Error("no form");
    }),
  });

  await assert.rejects(user.initiateChat(plainAgent("helper", { defaultAutoReply: "Well?" }), { message: "Ask me." }), { message: "no form" });
});

test("a signal frees a chat that waits for a person, and tells whoever shows the question", async () => {
  const stop = new AbortController();
  let signal: AbortSignal | undefined;
  const user = plainAgent("user", {
    humanInputMode: "ALWAYS",
    getHumanInput: humanInput((request) => {
      signal = request.signal;
      stop.abort(new Error("enough"));
    }),
  });

  await assert.rejects(user.initiateChat(plainAgent("helper", { defaultAutoReply: "Well?" }), { message: "Ask me.", signal: stop.signal }), { message: "enough" });
  assert.equal(signal?.aborted, true);
});
