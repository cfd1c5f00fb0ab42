/** Golden files for tests in a page, which loads them from its site. */

export function readGolden(path: string): unknown {
  // Tests read them synchronously, as in Node.
  const request = new XMLHttpRequest();
  request.open("GET", `/tests/golden/${path}`, false);
  request.send();
  if (request.status !== 200) throw new Error(`there is no golden file \`${path}\``);
  return JSON.parse(request.responseText);
}
