import { type ReactElement, type SubmitEvent, useState, useSyncExternalStore } from "react";
import { logFeedback } from "mlflow-ag2";
import "mlflow-ag2/view/react";
import { ask } from "./agents.js";
import { currentTraces, subscribe } from "./traces.js";

export function App(): ReactElement {
  const traces = useSyncExternalStore(subscribe, currentTraces);
  const [answer, setAnswer] = useState("");
  const [spanName, setSpanName] = useState<string>();

  async function onSubmit(event: SubmitEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const city = new FormData(event.currentTarget).get("city");
    setAnswer(await ask(`What is the weather in ${String(city)}?`));
  }

  return (
    <main>
      <h1>Agents and their traces</h1>
      <form onSubmit={onSubmit}>
        <label>
          City <input name="city" defaultValue="Oslo" required />
        </label>{" "}
        <button>Ask for the weather</button>
      </form>
      <p role="status">{answer}</p>
      <mlflow-trace
        trace={traces.at(-1) ?? null}
        feedback="helpful"
        onspanselect={({ detail }) => setSpanName(detail.span?.name)}
        onfeedback={({ detail }) => void logFeedback({ ...detail, source: { sourceType: "HUMAN" } })}
      >
        No trace yet.
      </mlflow-trace>
      {spanName !== undefined && <p id="selected">Selected: {spanName}</p>}
    </main>
  );
}
