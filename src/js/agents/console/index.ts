/**
 * `mlflow-ag2/agents/console`: shows on the console what agents do, in AG2's words, and asks persons on
 * standard input. Node, Deno and Bun load it with `mlflow-ag2/agents`; a page or Worker that wants to
 * see its conversations in the developer tools imports it.
 *
 * @module mlflow-ag2/agents/console
 */

import { askOnTerminalBy } from "../human-input.js";
import { showBy } from "../tell.js";
import { printEvent } from "./printer.js";
import { stdinLines } from "./stdin-lines.js";

export { type Printer, setPrinter } from "./printer.js";
export { printUsageSummary, type UsageSummaryMode } from "./usage-printing.js";

showBy(printEvent);
askOnTerminalBy(stdinLines);
