"""Holds our traces, model requests and results to the golden files, but for the listed improvements.

    python compare_with_golden.py < cases.json

Standard input: {"golden": FOLDER, "improvements": FILE, "scenarios": FILE (optional), "cases": [case...]}. A case names
its golden files and says where ours are:

    {"name": "calculator",
     "as": NAME,                                              optional: its name in the answer, if a golden has several
     "traces": FILE  or  {"uri": ..., "experiment": ...},     fetched with MLflow's own client
     "requests": FILE (.jsonl log of llm_server.py),          optional
     "result": FILE}                                          optional

Standard output: {"NAME": {"differences": [text...], "used": [improvement id...]}}; with a
scenarios file also "outline": [line...] of ours.

The scenarios file is for scenarios in which the reference's tree itself is wrong. By name:

    "reason"         why
    "golden"         the golden file to hold ours to, if it is another scenario's; null: there is none worth it
    "goldenTraces"   [n...]: which of the golden traces; not given: all
    "traces"         [n...]: which of our traces stand for the golden ones; the others are not compared
    "lift"           ["TYPE name"...]: such spans of ours are taken out, their children move up
    "drop"           ["TYPE name"...]: the same in the golden tree
    "together"       true: the spans of all traces are compared as those of one
    "leaves"         true: only LLM and TOOL spans are compared, wherever they hang
    "differences"    [{"where", "golden", "candidate"}...], as in the improvements file, for this scenario only;
                     "optional": true for those that not every host has
    "outline"        [line...]: what our own traces must be, span by span; traces of one moment in any order
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))
import compare  # noqa: E402
import normalise  # noqa: E402

NOTHING, ANYTHING, PRESENT = "(nothing)", "(anything)", "(present)"
PREVIEW_LIMIT = 1000  # MLflow cuts a preview to this many characters, the last three being dots
CHAT_ID = re.compile(r'("chat_id":\s*)(?:\d+|<chat_id>)')
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
LEAF = re.compile(r" > leaf\[(\d+)\] ([^/]*)")
JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?')


def respelled(text):
    """JSON text, whole or cut off, without spaces between its tokens and with its numbers spelled one way."""
    text = CHAT_ID.sub(r"\1<chat_id>", text)
    out, at = [], 0
    while at < len(text):
        string = JSON_STRING.match(text, at)
        number = NUMBER.match(text, at)
        if string:
            out.append(string.group())
        elif number:
            spelling = number.group()
            out.append(spelling if spelling.lstrip("-").isdigit() else "%.10g" % float(spelling))
        elif not text[at].isspace():
            out.append(text[at])
        at = string.end() if string else number.end() if number else at + 1
    return "".join(out)


def same_json_text(golden, candidate):
    """Equal after `respelled`; where the server cut one of them, as far as both go."""
    if not isinstance(golden, str) or not isinstance(candidate, str):
        return False
    golden_cut, candidate_cut = (text.endswith("...") for text in (golden, candidate))
    # 20: what masking may have taken away.
    if candidate_cut and (not golden_cut or len(candidate) < PREVIEW_LIMIT - 20):
        return False
    a = respelled(golden[:-3] if golden_cut else golden)
    b = respelled(candidate[:-3] if candidate_cut else candidate)
    if not golden_cut:
        return a == b
    length = min(len(a), len(b)) - 24  # the last token may be cut in two
    return a[:length] == b[:length] and len(b) >= len(a) - 24


def text_of_message(golden, candidate):
    """The candidate is text that the golden JSON shows, if that is not cut before it."""
    if not isinstance(golden, str) or not isinstance(candidate, str) or not candidate or candidate[0] in "{[":
        return False
    if golden.endswith("...") or '"<function ' in golden:
        return True
    return any(json.dumps(candidate, ensure_ascii=ascii)[1:-1] in golden for ascii in (True, False))


class StrictCompare(compare.Compare):
    """Compare with no leniency, which notes each difference as a place and two values instead of a text."""

    def __init__(self):
        super().__init__()
        self.differences = []

    def say(self, where, golden, got):
        where = LEAF.sub(r" > \2#\1", where)  # as any other span
        self.differences.append((where or "/", golden, got))
        super().say(where, golden, got)

    def label(self, s):
        return str(s.get("name"))  # the type is compared like any other field

    def value(self, where, a, b):
        key = where.rsplit("/", 1)[-1]
        if key == "volatile_attributes":
            a, b = ({name: PRESENT for name in names or []} for names in (a, b))
        elif key.endswith("_preview") and a != b:
            return self.say(where, a, b)  # the base class forgives where they are cut
        elif isinstance(a, list) and isinstance(b, list) and len(a) != len(b):
            return self.say(where, a, b)
        super().value(where, a, b)

    def leaves(self, where, golden, got):
        known = len(self.found)
        super().leaves(where, golden, got)
        for text in self.found[known:]:  # the base class notes a missing leaf as a text only
            if ": not in the candidate" in text:
                self.differences.append((text.split(": not in")[0], "span", compare.MISSING))

    def spans(self, where, golden, got):
        rest, counts = list(got), {}
        for i, g in enumerate(golden):
            n = counts[self.label(g)] = counts.get(self.label(g), 0) + 1
            here = "%s > %s#%d" % (where, self.label(g), n)
            at = self.partner(g, golden[i + 1:], rest, 0)
            if at is None:
                self.say(here, "%s span" % g.get("type"), compare.MISSING)
            else:
                self.span(here, g, rest.pop(at))
        for c in rest:
            n = counts[self.label(c)] = counts.get(self.label(c), 0) + 1
            self.say("%s > %s#%d" % (where, self.label(c), n), compare.MISSING, "%s span" % c.get("type"))
        order = [self.label(s) for s in golden], [self.label(s) for s in got]
        if sorted(order[0]) == sorted(order[1]) and order[0] != order[1]:
            self.say(where + "/order of children", *order)


class Improvements:
    """The listed differences, and which of them were needed."""

    def __init__(self, entries):
        self.entries = entries

    def explaining(self, difference):
        """The id of the entry that explains this difference, or None."""
        for entry in self.entries:
            if self.fits(entry, *difference):
                return entry.get("id") or entry["where"]
        return None

    def fits(self, entry, where, golden, candidate):
        pattern = re.escape(entry["where"]).replace(r"\*", ".*")
        if not re.fullmatch(pattern, where, re.DOTALL):
            return False
        if entry.get("rule") == "same_json_text":
            if "reading" in entry and isinstance(golden, str):
                golden = golden.replace(*entry["reading"])
            return same_json_text(golden, candidate)
        if entry.get("rule") == "text_of_message":
            return text_of_message(golden, candidate)
        return self.meets(entry["golden"], golden) and self.meets(entry["candidate"], candidate)

    def meets(self, wanted, value):
        if wanted == ANYTHING:
            return True
        if value is compare.MISSING:
            return wanted == NOTHING
        return wanted == value


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def compared(what, golden, got, rules=None):
    """Every difference between a golden file's data and ours, as (where, golden, candidate)."""
    strict, rules = StrictCompare(), rules or {}
    if what == "traces":
        wanted = [without(t, rules.get("drop", [])) for t in picked(golden["traces"], rules.get("goldenTraces"))]
        got = [without(t, rules.get("lift", [])) for t in picked(got, rules.get("traces"))]
        strict.only_leaves = rules.get("leaves", False)
        if "lift" in rules or "drop" in rules:
            strict.ignore |= {"span_count"}
        if rules.get("together"):
            strict.spans("spans", *([span for t in traces for span in t["spans"]] for traces in (wanted, got)))
            return strict.differences
        strict.traces(wanted, got)
        if len(wanted) != len(got):
            strict.say("traces", len(wanted), len(got))
    elif what == "requests":
        strict.value("requests", golden["requests"], got["requests"])
    else:
        keep = ("outcome", "results", "exception")
        strict.value("result", {k: golden[k] for k in keep}, {k: got.get(k) for k in keep})
    return strict.differences


def picked(traces, numbers):
    return traces if numbers is None else [traces[n] for n in numbers if n < len(traces)]


def without(trace, labels):
    return dict(trace, spans=compare.without(trace["spans"], set(labels)))


def outline(traces):
    """Our traces, a line per span: type, name, status and tokens, indented by depth."""
    def lines(span, depth):
        usage = (span.get("attributes") or {}).get("mlflow.chat.tokenUsage")
        tokens = " %s/%s" % (usage["input_tokens"], usage["output_tokens"]) if usage else ""
        yield "%s%s %s %s%s" % ("  " * depth, span["type"], span["name"], span["status"], tokens)
        for child in span.get("children") or []:
            yield from lines(child, depth + 1)

    whole = [[line for span in trace["spans"] for line in lines(span, 0)] for trace in traces]
    return [line for one in sorted(whole) for line in one]


def run(case, order, improvements, rules):
    def golden(suffix):
        return load(os.path.join(order["golden"], case["name"] + suffix))

    differences = []
    name = rules.get("golden", case["name"])
    wanted = load(os.path.join(order["golden"], name + ".json")) if name else {"traces": []}
    if isinstance(case["traces"], dict):
        import fetch_traces

        expect = case["traces"].get("expect", len(wanted["traces"]))
        got = fetch_traces.fetch(case["traces"]["uri"], case["traces"]["experiment"], expect=expect)
    else:
        got = load(case["traces"])["traces"]
    if name:
        differences += compared("traces", wanted, got, rules)
    if case.get("requests"):
        differences += compared("requests", golden(".requests.json"), compare.load(case["requests"]))
    if case.get("result"):
        differences += compared("result", golden(".result.json"), normalise.clean(load(case["result"])))
    lines = outline(got)
    if "outline" in rules and rules["outline"] != lines:
        differences.append(("outline", rules["outline"], lines))

    own = Improvements(rules.get("differences", []))
    left, used = [], set()
    for difference in differences:
        why = own.explaining(difference) or improvements.explaining(difference)
        if why:
            used.add(why)
        else:
            where, g, c = difference
            left.append("%s: golden %s, ours %s" % (where, compare.show(g, 400), compare.show(c, 400)))
    unused = [e["where"] for e in own.entries if e["where"] not in used and not e.get("optional")]
    left += ["the scenario's difference %s explains nothing any more" % where for where in unused]
    return {"differences": left, "used": sorted(used)} | ({"outline": lines} if "scenarios" in order else {})


def main():
    order = json.load(sys.stdin)
    improvements = Improvements(load(order["improvements"])["improvements"])
    scenarios = load(order["scenarios"])["scenarios"] if "scenarios" in order else {}
    answer = {
        case.get("as", case["name"]): run(case, order, improvements, scenarios.get(case["name"], {}))
        for case in order["cases"]
    }
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
