/** Golden files for tests in a page, whose site has them. */

export function readGolden(path: string): unknown {
  // Tests read them in the middle of an expression, as Node lets them, so the page waits.
  const request = new XMLHttpRequest();
  request.open("GET", `/tests/golden/${path}`, false);
  request.send();
  if (request.status !== 200) throw new Error(`there is no golden file \`${path}\``);
  return JSON.parse(request.responseText);
}
