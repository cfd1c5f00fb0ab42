/** Human input through a function of the program. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { humanInput, type HumanInputRequest } from "mlflow-ag2/agents";
import { plainAgent } from "./agent_fixtures.js";

test("the function that shows a question gets agent and sender, and the first response counts", async () => {
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

test("a function that fails to show a question fails the chat", async () => {
  const user = plainAgent("user", {
    humanInputMode: "ALWAYS",
    getHumanInput: humanInput(() => {
      throw new Error("no form");
    }),
  });

  await assert.rejects(user.initiateChat(plainAgent("helper", { defaultAutoReply: "Well?" }), { message: "Ask me." }), {
    message: "no form",
  });
});

test("a signal ends a chat that waits for a person, and reaches the code that shows the question", async () => {
  const stop = new AbortController();
  let signal: AbortSignal | undefined;
  const user = plainAgent("user", {
    humanInputMode: "ALWAYS",
    getHumanInput: humanInput((request) => {
      signal = request.signal;
      stop.abort(new Error("enough"));
    }),
  });

  await assert.rejects(
    user.initiateChat(plainAgent("helper", { defaultAutoReply: "Well?" }), { message: "Ask me.", signal: stop.signal }),
    { message: "enough" },
  );
  assert.equal(signal?.aborted, true);
});
