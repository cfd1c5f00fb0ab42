/** A deep copy of plain data. Hosts such as Jest's jsdom have no `structuredClone`. */
export function cloneData<T>(data: T): T {
  if (typeof structuredClone === "function") return structuredClone(data);
  return data === undefined ? data : (JSON.parse(JSON.stringify(data)) as T);
}
