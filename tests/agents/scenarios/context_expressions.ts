/** Expressions and texts over context variables, and the variables themselves, without any chat. */

import {
  ContextExpression,
  ContextStr,
  ContextVariables,
  ExpressionContextCondition,
  StringAvailableCondition,
  StringContextCondition,
} from "mlflow-ag2/agents/group";
import type { Scenario } from "./fixtures.js";

const DATA = {
  yes: true,
  no: false,
  n: 3,
  f: 2.5,
  neg: -1,
  zero: 0,
  name: "Ada O'Hara",
  back: "a\\b",
  empty: "",
  none: null,
  list: [1, 2, 3],
  nolist: [],
  dict: { a: 1 },
  true_text: "True",
  x: 1,
  xy: 20,
};

const EXPRESSIONS = [
  "${yes}",
  "${no}",
  "not ${no}",
  "!${no}",
  "! ${no}",
  "!(${yes} and ${no})",
  "${yes} & ${no}",
  "${yes} | ${no}",
  "${yes}&${no}",
  "${yes} and not ${no} or ${no}",
  "${n} > 2",
  "${n} >= 3",
  "${n} == 3.0",
  "${n} != 3",
  "1 < ${n} < 4",
  "${n} == -3",
  "-${n} == -3",
  "${neg} < 0",
  "${n} > ${f}",
  "${n} and ${zero}",
  "${n} or ${zero}",
  "${zero} or ${f}",
  '${name} == "Ada O\'Hara"',
  "${name} != 'Ada'",
  "${name}",
  "${back} == 'a\\\\b'",
  "${empty}",
  "not ${empty}",
  "${none}",
  "${none} == None",
  "'a & b' == 'a & b'",
  "${true_text} == 'True'",
  "${true_text} == True",
  "len(${list}) == 3",
  "len(${name}) > 5",
  "len(${n}) == 0",
  "len(${dict})",
  "len(${nolist}) > 0 | ${yes}",
  "len('abc') == 3",
  "${list}",
  "${nolist}",
  "${list} == True",
  "len(${list}) > 2 and ${list}",
  "${x} == 1 and ${xy} == 20",
  "${yes} == 1",
  "${name} > 5",
  "3",
  "'text'",
  "True",
  "not not ${yes}",
  "(${yes})",
  "  ${yes}  ",
  "${missing}",
  "len(${missing}) > 0",
  "${no} and ${missing}",
  "yes",
  "${n} + 1 > 3",
  "${n} in [1, 3]",
  "${n} is 3",
  "abs(${neg}) == 1",
  "len(${list}, 1)",
  "len()",
  "${name}.upper() == 'A'",
  "${list}[0] == 1",
  "${n} >",
  "",
  "${bad name} == 1",
  "${n} = 3",
  "${yes} ? 1 : 0",
  "${yes} && ${no}",
  "${yes} || ${no}",
  "true",
  "lambda: 1",
  "[1]",
  "1 if ${yes} else 0",
  "~${n}",
  "+${n} == 3",
  "${n} % 2 == 1",
];

const TEMPLATES = ["{name} has {n}", "{list} {none} {yes}", "{f:.2f}", "{dict[a]}", "{missing}", "{{n}}", "{", "plain"];

/** The value, or the class and the text of the error. */
function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    const { name, message } = error as Error;
    return { error: name, message };
  }
}

function byText(texts: readonly string[], work: (text: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(texts.map((text) => [text, attempt(() => work(text))]));
}

export const scenario: Scenario = async () => {
  const context = new ContextVariables(DATA);
  const names = ["yes", "no", "zero", "empty", "none", "name", "nolist", "missing"];
  const c = new ContextVariables({ a: 1 });
  const methods: Record<string, unknown> = {
    get: [c.get("a"), c.get("b") ?? null, c.get("b", 2)],
    set: c.set("b", [1]) ?? null,
    contains: [c.contains("b"), "b" in c.data, "z" in c.data],
    remove: [c.remove("b"), c.remove("b")],
    update: c.update({ c: null, a: 9 }) ?? null,
    keys: c.keys(),
    values: c.values(),
    items: c.items(),
    len: c.size,
    iter: [...c],
    getitem: c.data["a"],
    str: String(c),
    to_dict: c.toDict(),
    copy: c.toDict() === c.data,
    from_dict: ContextVariables.fromDict({ k: 1 }).toDict(),
    empty: [new ContextVariables().size, String(new ContextVariables()), false],
  };
  Object.assign(methods, { clear: c.clear() ?? null, after: c.toDict() });
  return {
    values: byText(EXPRESSIONS, (text) => new ContextExpression(text).evaluate(context)),
    condition: new ExpressionContextCondition(new ContextExpression("${n} == 3")).evaluate(context),
    str: String(new ContextExpression("${n}")),
    strings: Object.fromEntries(
      names.map((name) => [
        name,
        [new StringContextCondition(name).evaluate(context), new StringAvailableCondition(name).isAvailable(context)],
      ]),
    ),
    texts: {
      ...byText(TEMPLATES, (text) => new ContextStr(text).format(context)),
      "no variables": new ContextStr("{n} stays").format(new ContextVariables()),
    },
    methods,
  };
};
