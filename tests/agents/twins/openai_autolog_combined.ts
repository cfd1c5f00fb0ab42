/** One question and its answer. (In Python with two tracers on.) */

export { twin } from "./manual_parent_span.js";
