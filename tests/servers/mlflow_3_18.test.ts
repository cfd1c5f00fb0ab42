/** MLflow 3.18 with SQLite. */

import { newPython } from "../support/project.js";
import { OF_VERSIONS, testsHoldOn } from "../support/store-tests.js";

testsHoldOn({ name: "MLflow 3.18.0 with SQLite", python: newPython(), isPostgres: false, files: OF_VERSIONS });
