/** Environment variables that agents read. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenAIClient } from "mlflow-ag2/agents";

test("the key for OpenAI's own API may be an environment variable", () => {
  const before = process.env["OPENAI_API_KEY"];
  process.env["OPENAI_API_KEY"] = "from-environment";
  try {
    assert.doesNotThrow(() => new OpenAIClient());
  } finally {
    if (before === undefined) delete process.env["OPENAI_API_KEY"];
    else process.env["OPENAI_API_KEY"] = before;
  }
});
