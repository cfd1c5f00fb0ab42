/** One question and its answer. (In Python with two tracers on.) */

export { scenario } from "./manual_parent_span.js";
