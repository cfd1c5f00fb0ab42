/** The calculator again. (In Python with AG2's own chat ids, which its tracer cannot send.) */

export { twin } from "./calculator.js";
