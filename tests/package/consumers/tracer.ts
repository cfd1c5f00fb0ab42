/** What programs may write with `mlflow-ag2`, and what the compiler must refuse. Compiled only, never run. */

import * as mlflow from "mlflow-ag2";
import { init } from "mlflow-ag2/slim";

/** Whether two types are the same, `any` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function asserts<_Claim extends true>(): void {}

asserts<Same<ReturnType<typeof mlflow.autolog>, void>>();
asserts<Same<typeof mlflow.ag2.autolog, typeof mlflow.autolog>>();
asserts<Same<Awaited<ReturnType<typeof mlflow.getTrace>>, mlflow.Trace | null>>();
asserts<Same<ReturnType<typeof mlflow.getLastActiveTraceId>, string | undefined>>();
asserts<Same<mlflow.Trace["data"]["spans"][number], mlflow.Span>>();
asserts<Same<mlflow.Span["startTimeNs"], bigint>>();
asserts<Same<mlflow.Stats["unavailable"], string | undefined>>();
asserts<Same<ReturnType<typeof mlflow.stats>, mlflow.Stats>>();
asserts<Same<ReturnType<typeof mlflow.setExperiment>, Promise<mlflow.Experiment>>>();

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
  // @ts-expect-error: time limits have their unit in the name
  void mlflow.flush({ timeout: 10 });
  init({ wasm: new Uint8Array(8), trackingUri: "memory:" });
  // @ts-expect-error: WebAssembly is bytes or a module, not a path
  init({ wasm: "./mlflow_ag2.wasm" });
}

export async function spans(): Promise<void> {
  // What the callback gives is what comes back, a promise included.
  asserts<Same<ReturnType<typeof within>, number>>();
  const later: string = await mlflow.withSpan(async () => "text");
  // @ts-expect-error: it is not a number
  const wrong: number = await mlflow.withSpan(async () => "text");

  const span = mlflow.startSpan({ name: "plan", spanType: mlflow.SpanType.TOOL, attributes: { a: 1 } });
  span.setStatus(mlflow.SpanStatusCode.ERROR);
  span.end({ outputs: [later, wrong], endTimeNs: 1n });
  // @ts-expect-error: a manual span has a name
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
