/** OpenTelemetry JS with the serialiser of OTLP/protobuf. */

import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { opentelemetry } from "./opentelemetry.mjs";

export default opentelemetry(ProtobufTraceSerializer);
