/**
 * `mlflow-ag2/agents/console`: prints the events of agents to the console, with AG2's texts, and asks
 * persons on standard input. Node, Deno and Bun load it with `mlflow-ag2/agents`; a page or Worker
 * imports it to print its conversations to the developer tools.
 *
 * @module mlflow-ag2/agents/console
 */

import { setTerminal } from "../agent/human-input.js";
import { setEventPrinter } from "../observe/emit-event.js";
import { printEvent } from "./printer.js";
import { stdinLines } from "./stdin-lines.js";

export { type Printer, setPrinter } from "./printer.js";
export { printUsageSummary, type UsageSummaryMode } from "./usage-printing.js";

setEventPrinter(printEvent);
setTerminal(stdinLines);
