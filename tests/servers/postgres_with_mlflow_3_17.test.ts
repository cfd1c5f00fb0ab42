/** MLflow 3.17 with PostgreSQL. */

import { python } from "../support/project.js";
import { OF_DATABASES, testsHoldOn } from "../support/store-tests.js";

testsHoldOn({ name: "MLflow 3.17.2 with PostgreSQL", python: python(), isPostgres: true, files: OF_DATABASES });
