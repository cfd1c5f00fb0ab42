/** A span is redacted by the rule that was in force when it was recorded, whatever is set before its trace ends. */

import assert from "node:assert/strict";
import { afterEach, before, test } from "node:test";
import { getTrace, init, setTrackingUri, startSpan, type RedactableSpan } from "mlflow-ag2";

before(() => setTrackingUri("memory:"));
afterEach(() => init({ redact: null, captureInputs: true, captureOutputs: true }));

const hideFruit = (span: RedactableSpan): void => span.replaceTexts((text) => text.replaceAll("pineapple", "fruit"));

/** Records a trace whose child span has ended when `change` is called, and its root has not; gives both inputs. */
async function inputsAfter(change: () => void): Promise<{ root: unknown; child: unknown }> {
  const root = startSpan({ name: "root", parent: null, inputs: "pineapple" });
  const child = startSpan({ name: "child", parent: root, inputs: "pineapple" });
  child.end();
  change();
  root.end();
  const spans = (await getTrace(root.traceId))?.data.spans ?? [];
  const inputsOf = (name: string): unknown => spans.find((span) => span.name === name)?.inputs;
  return { root: inputsOf("root"), child: inputsOf("child") };
}

test("a span that ended under a redaction is redacted by it though it is taken back before the trace ends", async () => {
  init({ redact: hideFruit });
  assert.deepEqual(await inputsAfter(() => init({ redact: null })), { root: "pineapple", child: "fruit" });
});

test("a span that ended under one redaction is not given to the next one", async () => {
  init({ redact: hideFruit });
  const seen: string[] = [];
  const inputs = await inputsAfter(() =>
    init({
      redact: (span) => {
        seen.push(span.name);
        span.inputs = "other";
      },
    }),
  );
  assert.deepEqual(inputs, { root: "other", child: "fruit" });
  assert.deepEqual(seen, ["root"]);
});
