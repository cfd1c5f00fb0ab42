// A component of Vue in a file of its own.

import { createApp } from "vue";
import TraceView from "./trace-view.vue";

export function showByVue(place, id, trace, select) {
  createApp(TraceView, { id, trace, select }).mount(place);
}
