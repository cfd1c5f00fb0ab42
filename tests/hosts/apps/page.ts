/** A page's script. */

import { chat } from "./chat.js";

void chat(location.search).then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
