/** MLflow 3.18 with PostgreSQL. */

import { newPython } from "../support/project.js";
import { OF_DATABASES, OF_VERSIONS, testsHoldOn } from "../support/store-tests.js";

const files = [...OF_VERSIONS, ...OF_DATABASES];
testsHoldOn({ name: "MLflow 3.18.0 with PostgreSQL", python: newPython(), isPostgres: true, files });
