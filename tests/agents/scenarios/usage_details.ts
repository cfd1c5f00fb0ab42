/** One question and its answer, with cached and reasoning tokens in its usage. */

export { scenario } from "./manual_parent_span.js";
