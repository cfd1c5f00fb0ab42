"use client";

import { useEffect } from "react";
import { chat } from "../chat.js";

export default function Page() {
  useEffect(() => {
    void chat(location.search).then((report) => console.log(`RESULT ${JSON.stringify(report)}`));
  }, []);
  return <p>The conversation goes on in your browser.</p>;
}
