/**
 * The elements in the TSX of React, Preact and Solid and in templates of Vue, compiled with the real packages: what is
 * right compiles strictly, what is wrong does not.
 */

import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, test } from "node:test";
import { run } from "../support/child.js";
import { temporaryFolder } from "../support/folder.js";
import { userProject } from "../support/packed-package.js";
import { projectRoot } from "../support/project.js";
import { toolFile } from "../support/tools.js";

interface Program {
  /** The packages, by the names that programs have for them. */
  packages: Readonly<Record<string, string>>;
  /** The entry of ours. */
  entry: string;
  jsx: object;
  /** An element of each kind, as it is written there. */
  right: string;
  /** Single elements, each of which has one mistake. */
  wrong: readonly string[];
}

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  noEmit: true,

  skipLibCheck: false,
  target: "es2022",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["es2023", "dom", "dom.iterable"],
  types: [],
};

/** The listeners have the events' types: another name of a property is an error. */
const listeners = (on: string): string =>
  `${on}spanselect={({ detail }) => console.log(detail.span?.name)} ` +
  `${on}feedback={({ detail }) => console.log(detail.value)}`;
const elements = (on: string): string =>
  `<div>
    <mlflow-trace id="one" feedback="helpful" trace={trace} selectedSpanId="a" ${listeners(on)}>No trace</mlflow-trace>
    <mlflow-session traces={[trace]} ${on}traceselect={({ detail }) => console.log(detail.trace.info)} />
  </div>`;
const wrong = (on: string): string[] => [
  '<mlflow-trace trace="text" />',
  "<mlflow-trace traec={trace} />",
  "<mlflow-trace feedback={1} />",
  "<mlflow-session traces={trace} />",
  `<mlflow-trace ${on}spanselect={({ detail }) => console.log(detail.trace)} />`,
  "<mlflow-tree />",
];

const PROGRAMS: Readonly<Record<string, Program>> = {
  "React 19": {
    packages: { "@types/react": "@types/react", csstype: "csstype" },
    entry: "mlflow-ag2/view/react",
    jsx: { jsx: "react-jsx" },
    right: elements("on"),
    wrong: wrong("on"),
  },
  // It sets attributes only, so the properties are no attributes there.
  "React 18": {
    packages: { "@types/react": "@types/react-18", csstype: "csstype", "@types/prop-types": "@types/prop-types" },
    entry: "mlflow-ag2/view/react",
    jsx: { jsx: "react-jsx" },
    right: `<mlflow-trace feedback="helpful" class="x" ref={(view) => { if (view) view.trace = trace; }} />`,
    wrong: ["<mlflow-trace trace={trace} />", "<mlflow-trace feedback />", "<mlflow-session traces={[trace]} />"],
  },
  "Preact 11": {
    packages: { preact: "preact" },
    entry: "mlflow-ag2/view/preact",
    jsx: { jsx: "react-jsx", jsxImportSource: "preact" },
    right: elements("on"),
    wrong: wrong("on"),
  },
  "Preact 10": {
    packages: { preact: "preact-10" },
    entry: "mlflow-ag2/view/preact",
    jsx: { jsx: "react-jsx", jsxImportSource: "preact" },
    right: elements("on"),
    wrong: wrong("on"),
  },
  Solid: {
    packages: { "solid-js": "solid-js", csstype: "csstype", seroval: "seroval" },
    entry: "mlflow-ag2/view/solid",
    jsx: { jsx: "preserve", jsxImportSource: "solid-js" },
    right: `<>${elements("on:")}<mlflow-trace prop:trace={trace} /></>`,
    wrong: [...wrong("on:"), "<mlflow-trace prop:trace={1} />"],
  },
};

/** A user's project with packages of frameworks; links, so that they find their own dependencies. */
async function projectWith(packages: Readonly<Record<string, string>>): Promise<string> {
  const project = await userProject(temporaryFolder("empty"));
  for (const [name, source] of Object.entries(packages)) {
    const link = join(project, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(toolFile(source), link, "dir");
  }
  return project;
}

async function compile(project: string, compiler: string, options: object, files: string[]): Promise<string> {
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { ...STRICT, ...options },
      vueCompilerOptions: { strictTemplates: true },
      files,
    }),
  );
  const { stdout } = await run(process.execPath, [compiler, "-p", project, "--pretty", "false"], { cwd: project });
  return stdout;
}

/** Asserts that each of the files has an error in its line with the element, and no other file has any. */
function assertMistakes(output: string, files: readonly string[], line: number): void {
  const found = [...output.matchAll(/^(\S.*?)\((\d+),\d+\): error TS/gm)].map(([, file, at]) => `${file}:${at}`);
  assert.deepEqual([...new Set(found)].sort(), files.map((file) => `${file}:${line}`).sort(), output);
}

for (const [name, { packages, entry, jsx, right, wrong }] of Object.entries(PROGRAMS)) {
  describe(`the elements in TSX of ${name}`, () => {
    let project: string;
    before(async () => void (project = await projectWith(packages)));

    const program = (element: string): string =>
      `import type { Trace } from "mlflow-ag2";\nimport "${entry}";\ndeclare const trace: Trace;\n` +
      `export const view = (\n${element}\n);\n`;

    test("compile, and mistakes do not", async () => {
      writeFileSync(join(project, "right.tsx"), program(right));
      const files = wrong.map((element, index) => {
        writeFileSync(join(project, `wrong${index}.tsx`), program(element));
        return `wrong${index}.tsx`;
      });
      const compiler = join(projectRoot, "node_modules", "typescript", "bin", "tsc");
      assertMistakes(await compile(project, compiler, jsx, ["right.tsx", ...files]), files, 5);
    });
  });
}

describe("the elements in templates of Vue", () => {
  const component = (element: string): string => `<script setup lang="ts">
import type { Trace } from "mlflow-ag2";
import "mlflow-ag2/view/vue";
const { trace } = defineProps<{ trace: Trace }>();
</script>
<template>
${element}
</template>
`;

  test("compile, and mistakes do not", async () => {
    const project = await projectWith({ vue: "vue" });
    const right = `<mlflow-trace id="one" feedback="helpful" :trace="trace" selected-span-id="a"
      @spanselect="({ detail }) => console.log(detail.span?.name)">No trace</mlflow-trace>
    <mlflow-session :traces="[trace]" @traceselect="({ detail }) => console.log(detail.trace.info)" />`;
    const mistakes = [
      '<mlflow-trace trace="text" />',
      '<mlflow-trace :traec="trace" />',
      '<mlflow-session :traces="trace" />',
      '<mlflow-trace @spanselect="({ detail }) => console.log(detail.trace)" />',
    ];
    writeFileSync(join(project, "Right.vue"), component(right));
    const files = mistakes.map((element, index) => {
      writeFileSync(join(project, `Wrong${index}.vue`), component(element));
      return `Wrong${index}.vue`;
    });
    const compiler = toolFile("vue-tsc/bin/vue-tsc.js");
    assertMistakes(await compile(project, compiler, { jsx: "preserve" }, ["Right.vue", ...files]), files, 7);
  });
});
