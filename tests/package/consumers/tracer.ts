/** What programs may write with `mlflow-ag2`, and what the compiler must refuse. Compiled only, never run. */

import * as mlflow from "mlflow-ag2";
import { init } from "mlflow-ag2/slim";

/** Whether two types are the same, `any` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_Claim extends true>(): void {}

holds<Same<ReturnType<typeof mlflow.autolog>, void>>();
holds<Same<typeof mlflow.ag2.autolog, typeof mlflow.autolog>>();
holds<Same<Awaited<ReturnType<typeof mlflow.getTrace>>, mlflow.Trace | null>>();
holds<Same<ReturnType<typeof mlflow.getLastActiveTraceId>, string | undefined>>();
holds<Same<mlflow.Trace["data"]["spans"][number], mlflow.Span>>();
holds<Same<mlflow.Span["startTimeNs"], bigint>>();
holds<Same<mlflow.Stats["unavailable"], string | undefined>>();
holds<Same<ReturnType<typeof mlflow.stats>, mlflow.Stats>>();
holds<Same<ReturnType<typeof mlflow.setExperiment>, Promise<mlflow.Experiment>>>();

export function options(): void {
  mlflow.autolog({ silent: true, logTraces: false, disable: true });
  mlflow.autolog({ library: [{}, class Agent {}] });
  // @ts-expect-error: an option that does not exist
  mlflow.autolog({ loud: true });
  // @ts-expect-error: options are booleans
  mlflow.autolog({ silent: "yes" });
  // @ts-expect-error: a URI is text
  mlflow.setTrackingUri(new URL("http://localhost:5000"));
  // @ts-expect-error: an experiment's id is text, as MLflow has it
  void mlflow.setExperiment({ experimentId: 1 });
  // @ts-expect-error: time limits say their unit
  void mlflow.flush({ timeout: 10 });
  init({ wasm: new Uint8Array(8), trackingUri: "memory:" });
  // @ts-expect-error: WebAssembly is bytes or a module, not a path
  init({ wasm: "./mlflow_ag2.wasm" });
}

export async function spans(): Promise<void> {
  // What the callback gives is what comes back, a promise included.
  holds<Same<ReturnType<typeof within>, number>>();
  const later: string = await mlflow.withSpan(async () => "text");
  // @ts-expect-error: it is not a number
  const wrong: number = await mlflow.withSpan(async () => "text");

  const span = mlflow.startSpan({ name: "plan", spanType: mlflow.SpanType.TOOL, attributes: { a: 1 } });
  span.setStatus(mlflow.SpanStatusCode.ERROR);
  span.end({ outputs: [later, wrong], endTimeNs: 1n });
  // @ts-expect-error: a span by hand has a name
  mlflow.startSpan({});
  // @ts-expect-error: a span's own data is not assigned to
  span.traceId = "tr-1";

  const add = mlflow.trace((a: number, b: number) => a + b, { name: "add" });
  const sum: number = add(1, 2);
  // @ts-expect-error: a traced function takes what it took before
  add("1", sum);
}

function within() {
  return mlflow.withSpan(() => 42);
}

export function errors(error: unknown): mlflow.ErrorCode | undefined {
  if (!mlflow.MlflowAg2Error.is(error)) return undefined;
  // @ts-expect-error: codes are a closed list
  if (error.code === "no_such_code") return undefined;
  return error.code;
}
