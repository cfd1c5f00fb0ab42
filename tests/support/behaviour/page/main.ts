/** The program of a page that runs one file of behaviour tests: `?file=/path/of/the/file`. */

import { nodeProcess } from "./channel.js";
import { runCases } from "./test.js";

const file = new URL(location.href).searchParams.get("file");
if (file === null) throw new Error("the query has no `file` to run");

try {
  await import(file);
  await runCases((report) => nodeProcess({ report }));
  await nodeProcess({ over: "" });
} catch (error) {
  await nodeProcess({ over: String(error) });
}
