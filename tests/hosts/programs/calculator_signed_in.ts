/** The calculator, for a server that requires a user's name and password. */

import * as mlflow from "mlflow-ag2";
import { settings } from "./host.js";

const { password } = settings();
mlflow.init({ username: "admin", password });

await import("./calculator.js");
