/** The other side of a request: continues the trace of its header, and prints the ids. */

import * as mlflow from "mlflow-ag2";
import { shortChat } from "../chats.js";

const [, , trackingUri, traceparent] = process.argv;
mlflow.autolog();
mlflow.setTrackingUri(trackingUri ?? "");
const { traceId, spanId, parentId } = await mlflow.withTracingContextFromHeaders({ traceparent }, () =>
  mlflow.withSpan(
    async (span) => {
      await shortChat();
      return span;
    },
    { name: "backend" },
  ),
);
await mlflow.flush();
console.log(`RESULT ${JSON.stringify({ traceId, spanId, parentId })}`);
