/** `mlflow-ag2/lazy` traces no third-party library until `mlflow-ag2/library-hooks` is imported, and says so. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import * as mlflow from "mlflow-ag2/lazy";

class Agent {
  readonly name = "helper";
  async generateReply(): Promise<string> {
    return "here";
  }
}
const library = { Agent };
const announced = ((globalThis as Record<symbol, unknown>)[Symbol.for("mlflow-ag2.libraries")] ??=
  new Set()) as Set<object>;

const warnings: string[] = [];
const { warn } = console;
beforeEach(() => {
  warnings.length = 0;
  console.warn = (...parts: unknown[]) => void warnings.push(parts.join(" "));
});
afterEach(() => {
  console.warn = warn;
});

/** The names of the agents whose replies are traced. */
async function tracedReplies(): Promise<string[]> {
  await new Agent().generateReply();
  const { traces } = await mlflow.searchTraces();
  return traces.flatMap(({ data }) => data.spans.map(({ name }) => name));
}

// The tests run one after the other: an import cannot be taken back.

test("a library given to autolog is refused with the import that is missing", () => {
  mlflow.init({ trackingUri: "memory:" });
  assert.throws(() => mlflow.autolog({ library }), {
    code: "invalid_argument",
    message: /libraries are not traced: import "mlflow-ag2\/library-hooks" too/,
  });
});

test("a library that announces itself is named in one warning, before autolog or after", async () => {
  mlflow.autolog();
  assert.deepEqual(warnings, []);
  announced.add(library);
  announced.add({ Other: class {} });
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /libraries are not traced: import "mlflow-ag2\/library-hooks" too/);
  assert.deepEqual(await tracedReplies(), []);
  mlflow.autolog({ disable: true });
  assert.equal(Object.hasOwn(announced, "add"), false);
});

test("libraries that are known are traced as soon as the hooks are imported", async () => {
  mlflow.autolog();
  await import("mlflow-ag2/library-hooks");
  warnings.length = 0;
  assert.deepEqual(await tracedReplies(), ["helper"]);
  mlflow.autolog({ library: { Second: class extends Agent {} } });
  assert.deepEqual(warnings, []);
});
