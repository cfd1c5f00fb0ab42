/** The calculator again. (In Python with AG2's own chat ids, which its tracer cannot send.) */

export { scenario } from "./calculator.js";
