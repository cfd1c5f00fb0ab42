/** The relay for traces as a route of Next.js, `app/mlflow/[...path]/route.js`; relay.js and common.js are in `lib`. */

import { createRelay, settingsFrom } from "../../../lib/relay.js";

// Made by the first request, since `next build` loads this file without the variables.
let relay;
const handle = (request) => (relay ??= createRelay(settingsFrom(process.env)))(request);

export { handle as GET, handle as OPTIONS, handle as POST, handle as PUT };
