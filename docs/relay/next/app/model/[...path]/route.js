/** The relay for models as a route of Next.js, `app/model/[...path]/route.js`; its files are in `lib` as well. */

import { createModelRelay, modelSettingsFrom } from "../../../lib/model-relay.js";

// Made by the first request, since `next build` loads this file without the variables.
let relay;
const handle = (request) => (relay ??= createModelRelay(modelSettingsFrom(process.env)))(request);

export { handle as OPTIONS, handle as POST };
