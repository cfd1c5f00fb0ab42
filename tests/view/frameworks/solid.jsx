// The element in the JSX of Solid.

import { render } from "solid-js/web";

export function showBySolid(place, id, trace, select) {
  render(() => <mlflow-trace id={id} prop:trace={trace} on:spanselect={select} />, place);
}
