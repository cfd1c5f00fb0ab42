/** OpenTelemetry JS that sends to MLflow. */

import { spanOperations } from "./otel.mjs";
import { sent } from "./sent.mjs";

export default sent(spanOperations);
