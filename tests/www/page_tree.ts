/** Reads the tree of spans off the page; runs in the page. */

/** The rows that are shown: type and name, indented by depth, with "failed" where it is shown. */
export function treeOf(): string[] {
  const rows = document.querySelector("mlflow-trace")!.shadowRoot!.querySelectorAll("[role=treeitem]");
  return [...rows].map((row) => {
    const [type, name] = [row.querySelector(".type")!.textContent, row.querySelector("b")!.textContent];
    const isFailed = row.querySelector(".mark")!.textContent.includes("failed");
    return `${"  ".repeat(Number(row.getAttribute("aria-level")) - 1)}${type} ${name}${isFailed ? " failed" : ""}`;
  });
}
