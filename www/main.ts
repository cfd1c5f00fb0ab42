/** The demo page: conversations that run here, and their traces while they grow. */

import "mlflow-ag2/view";
import { showModelFields } from "./parts/model.js";
import { offerScenes } from "./parts/run.js";
import { offerServer } from "./parts/server.js";
import { offerThemes } from "./parts/theme.js";
import { showTraces } from "./parts/traces.js";
import { showTracing } from "./parts/tracing.js";

offerThemes();
showTracing();
showTraces();
showModelFields();
offerScenes();
offerServer();
