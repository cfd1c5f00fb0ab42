/** A warning appears once for each cause, as long as the configuration stays the same. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { enable, flush, init, setExperiment, setTrackingUri, shutdown, withSpan } from "mlflow-ag2";

const ADDRESS = "http://mlflow.test";
const refuse = async (): Promise<Response> => Response.json({ message: "who are you?" }, { status: 401 });

describe("a warning", { timeout: 120_000 }, () => {
  afterEach(async () => {
    mock.restoreAll();
    await shutdown({ timeoutMs: 0 });
    enable();
    init({ trackingUri: "memory:", fetch: null, token: null });
  });

  /** The warnings of a program that does this for each of its traces. */
  async function warningsOf(traces: number, forEach: (index: number) => void): Promise<string[]> {
    const warn = mock.method(console, "warn", () => {});
    for (let index = 0; index < traces; index++) {
      forEach(index);
      withSpan(() => 1, { name: "work" });
      await flush({ timeoutMs: 20 });
    }
    return warn.mock.calls.map(({ arguments: [text] }) => String(text));
  }

  test("appears once in a program that sets the same server, token and experiment for each of its traces", async () => {
    const warnings = await warningsOf(10, () => {
      init({ trackingUri: ADDRESS, token: "expired", experimentName: "AG2", fetch: refuse });
      setTrackingUri(ADDRESS);
      setExperiment("AG2").catch(() => {});
    });
    assert.equal(warnings.length, 1, warnings.join("\n"));
    assert.match(warnings[0]!, /who are you\?.*\[unauthorized\]/);
  });

  test("appears again for another server or token", async () => {
    const warnings = await warningsOf(3, (index) =>
      init({ trackingUri: `${ADDRESS}/${Math.min(index, 1)}`, token: `token-${index}`, fetch: refuse }),
    );
    assert.equal(warnings.length, 3, warnings.join("\n"));
  });
});
