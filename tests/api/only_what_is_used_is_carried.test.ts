/** What a page downloads: the hooks of other libraries only where something can be hooked. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle } from "../support/bundle.js";

const hooksIn = async (program: string): Promise<string[]> =>
  (await bundle(program)).files.filter((path) => path.includes("/instrument/third-party/"));

test("a page with manual spans and disable() contains no hooks", async () => {
  const program = `
    import { disable, enable, flush, init, shutdown, startSpan, withSpan } from "mlflow-ag2";
    console.log(disable, enable, flush, init, shutdown, startSpan, withSpan);
  `;
  assert.deepEqual(await hooksIn(program), []);
});

for (const name of ["autolog", "wrapAgent", "wrapTool", "wrapModelClient"]) {
  test(`a page that calls ${name} carries hooks, so that they would be noticed`, async () => {
    assert.notDeepEqual(await hooksIn(`import { ${name} } from "mlflow-ag2"; console.log(${name});`), []);
  });
}

test("a page that wraps a tool contains no code for libraries", async () => {
  const files = await hooksIn('import { wrapTool } from "mlflow-ag2"; console.log(wrapTool);');
  assert.deepEqual(
    files.filter((path) => /(?:search|libraries)\.js$/.test(path)),
    [],
  );
});
