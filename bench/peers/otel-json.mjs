/** OpenTelemetry JS with the serialiser of OTLP/JSON. */

import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { opentelemetry } from "./opentelemetry.mjs";

export default opentelemetry(JsonTraceSerializer);
