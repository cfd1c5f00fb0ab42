/** @jsxImportSource preact */
// The element in the JSX of Preact.

import { render } from "preact";

export function showByPreact(place, id, trace, select) {
  render(<mlflow-trace id={id} trace={trace} onspanselect={select} />, place);
}
