/** OpenTelemetry JS with OpenInference's attributes that sends to MLflow. */

import { openInferenceOperations } from "./openinference.mjs";
import { sent } from "./sent.mjs";

export default sent(openInferenceOperations);
