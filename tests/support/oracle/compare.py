#!/usr/bin/env python3
# mlflow-ag2 oracle: compares normalised traces. Part of the recording kit that made tests/golden
# (tests/golden/README.md).
"""Compare a candidate's normalised traces (or requests, or results) with the golden ones.

    python compare.py calculator candidate.json             everything must be equal
    python compare.py calculator candidate.json --lenient   the candidate may have more, not less
    python compare.py calculator candidate.json --structure only span names, types, status and nesting
    python compare.py calculator candidate.json --leaves    only the LLM and TOOL spans, wherever they hang
    python compare.py golden/calculator.result.json mine.result.json --lenient
    python compare.py golden/calculator.requests.json log.jsonl --lenient      a log of llm_server.py

The first argument is a scenario name (golden/NAME.json) or a path.  Exit status 1 on differences.

--lenient, in full:
  * extra keys in any object of the candidate are fine (attributes, tags, metadata, inputs, outputs);
    a golden null is met by a missing key;
  * extra spans below a golden span are fine: each golden child must be found, in order, among the
    candidate span's descendants;
  * previews, status descriptions and volatile attributes are not compared, events need only the type;
  * extra events are fine, so are extra traces when --extra-traces is given.

--leaves implies --lenient; use it where the reference's nesting is itself wrong (nested chats, a chat
inside a tool, ...).  --drop-golden "AGENT manager" takes spans that are mere noise out of the golden
tree (their children move up).
"""

import argparse
import json
import os
import sys

import normalise

HERE = os.path.dirname(os.path.abspath(__file__))
LEFT_OUT_LENIENT = {"request_preview", "response_preview", "status_description", "volatile_attributes",
                    "span_count", "complete", "diagnostics", "headers", "n", "step", "tags", "orphans"}
ALWAYS_LEFT_OUT = {"unstable"}
LEAF_TYPES = {"LLM", "CHAT_MODEL", "TOOL"}
MISSING = object()


def show(value, limit=160):
    if value is MISSING:
        return "(nothing)"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def same_preview(a, b):
    """Previews are cut at a fixed length; what masking made shorter moves the cut."""
    if a == b:
        return True
    if isinstance(a, str) and isinstance(b, str) and a.endswith("...") and b.endswith("..."):
        n = min(len(a), len(b)) - 64
        return n > 0 and a[:n] == b[:n]
    return False


def same_number(a, b):
    return (isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool)
            and not isinstance(b, bool) and abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b)))


class Compare:
    def __init__(self, lenient=False, structure=False, ignore=(), leaves=False):
        lenient = lenient or leaves
        self.only_leaves = leaves
        self.lenient, self.structure, self.ignore = lenient or structure, structure, set(ignore) | ALWAYS_LEFT_OUT
        self.found = []

    def say(self, where, golden, got):
        self.found.append("%s: golden %s, candidate %s" % (where or "/", show(golden), show(got)))

    def value(self, where, a, b):
        if same_number(a, b) or a == b:
            return
        key = where.rsplit("/", 1)[-1]
        if key.endswith("_preview") and same_preview(a, b):
            return
        if isinstance(a, dict) and isinstance(b, dict):
            for k in sorted(set(a) | set(b)):
                if k in self.ignore or (self.lenient and k in LEFT_OUT_LENIENT):
                    continue
                here = "%s/%s" % (where, k)
                if k not in a:
                    if not self.lenient:
                        self.say(here, MISSING, b[k])
                elif k not in b:
                    if not (self.lenient and a[k] is None):
                        self.say(here, a[k], MISSING)
                else:
                    self.value(here, a[k], b[k])
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                self.found.append("%s: golden has %d items, candidate %d" % (where, len(a), len(b)))
            for i, (x, y) in enumerate(zip(a, b)):
                self.value("%s[%d]" % (where, i), x, y)
        else:
            self.say(where, a, b)

    # ---- traces -----------------------------------------------------------
    def traces(self, golden, got, extra_traces=False):
        if len(golden) != len(got) and not (extra_traces and len(got) > len(golden)):
            self.found.append("golden has %d trace(s) %s, candidate %d %s" % (
                len(golden), [t["name"] for t in golden], len(got), [t.get("name") for t in got]))
        rest = list(got)
        for i, g in enumerate(golden):
            if not rest:
                break
            pick = 0
            if extra_traces:
                pick = next((n for n, t in enumerate(rest) if t.get("name") == g["name"]), 0)
            self.trace("trace[%d]" % i, g, rest.pop(pick))

    def trace(self, where, g, c):
        if self.only_leaves:
            for key in ("state", "token_usage", "cost"):
                if key not in self.ignore:
                    self.value("%s/%s" % (where, key), g.get(key), c.get(key))
            return self.leaves(where, g, c)
        for key in g:
            if key in ("spans", "orphans") or key in self.ignore:
                continue
            if self.structure and key not in ("name", "state", "token_usage"):
                continue
            if self.lenient and key in LEFT_OUT_LENIENT:
                continue
            self.value("%s/%s" % (where, key), g[key], c.get(key))
        self.spans(where, g["spans"], c.get("spans") or [])
        if not self.lenient:
            self.spans(where + "/orphans", g.get("orphans") or [], c.get("orphans") or [])

    def leaves(self, where, golden, got):
        def collect(trace):
            out = []

            def walk(s):
                if s.get("type") in LEAF_TYPES:
                    out.append(s)
                for c in s.get("children") or []:
                    walk(c)

            for s in (trace.get("spans") or []) + (trace.get("orphans") or []):
                walk(s)
            return out

        wanted, have = collect(golden), collect(got)
        pairs, left = {}, list(range(len(have)))
        for exact in (True, False):  # first those with the same inputs and outputs, then by name only
            for i, g in enumerate(wanted):
                if i in pairs:
                    continue
                for j in left:
                    if self.label(have[j]) == self.label(g) and (not exact or self.same_work(g, have[j])):
                        pairs[i] = j
                        left.remove(j)
                        break
        for i, g in enumerate(wanted):
            here = "%s > leaf[%d] %s" % (where, i, self.label(g))
            if i in pairs:
                self.span(here, dict(g, children=[]), dict(have[pairs[i]], children=[]))
            else:
                self.found.append("%s: not in the candidate; golden inputs %s" % (here, show(g.get("inputs"))))

    def label(self, s):
        return "%s %s" % (s.get("type"), s.get("name"))

    def spans(self, where, golden, got):
        if self.lenient:
            return self.spans_lenient(where, golden, got)
        names_a, names_b = [self.label(s) for s in golden], [self.label(s) for s in got]
        if names_a != names_b:
            shown = (where, show(names_a, 400), show(names_b, 400))
            self.found.append("%s: golden children %s, candidate children %s" % shown)
        rest = list(got)
        counts = {}
        for i, g in enumerate(golden):
            n = counts[self.label(g)] = counts.get(self.label(g), 0) + 1
            at = self.partner(g, golden[i + 1:], rest, 0)
            if at is not None:
                self.span("%s > %s#%d" % (where, self.label(g), n), g, rest.pop(at))

    def partner(self, g, later, candidates, start):
        """Which of the candidates (from `start`) stands for `g`: the first of its label, unless a later
        one has the very same inputs and outputs and enough of the label are left for the golden rest."""
        hits = [i for i in range(start, len(candidates)) if self.label(candidates[i]) == self.label(g)]
        if not hits:
            return None
        spare = len(hits) - 1 - sum(1 for x in later if self.label(x) == self.label(g))
        for i in hits[: max(0, spare) + 1 if spare >= 0 else 0]:
            if self.same_work(g, candidates[i]):
                return i
        if spare < 0:  # some are missing: is it this one?
            same_later = any(self.label(x) == self.label(g) and self.same_work(x, candidates[hits[0]]) for x in later)
            return None if same_later and not self.same_work(g, candidates[hits[0]]) else hits[0]
        return hits[0]

    def same_work(self, g, c):
        probe = Compare(self.lenient, ignore=self.ignore)
        probe.value("", {k: g.get(k) for k in ("inputs", "outputs")}, {k: c.get(k) for k in ("inputs", "outputs")})
        return not probe.found

    def spans_lenient(self, where, golden, got):
        flat = []

        def walk(s):
            flat.append(s)
            for c in s.get("children") or []:
                walk(c)

        for s in got:
            walk(s)
        at, counts = 0, {}
        for i, g in enumerate(golden):
            n = counts[self.label(g)] = counts.get(self.label(g), 0) + 1
            here = "%s > %s#%d" % (where, self.label(g), n)
            hit = self.partner(g, golden[i + 1:], flat, at)
            if hit is None:
                self.found.append("%s: not in the candidate (or not in this order)" % here)
                continue
            self.span(here, g, flat[hit])
            at = hit + 1

    def span(self, where, g, c):
        for key in g:
            if key in ("children", "events", "start_ms", "end_ms") or key in self.ignore:
                continue
            if self.structure and key not in ("name", "type", "status"):
                continue
            if self.lenient and key in LEFT_OUT_LENIENT:
                continue
            self.value("%s/%s" % (where, key), g[key], c.get(key))
        if self.lenient:
            if not self.structure:
                have = [e.get("type") for e in c.get("events") or []]
                for e in g.get("events") or []:
                    if e.get("type") not in have:
                        self.say(where + "/events", e, have)
        else:
            self.value(where + "/events", g.get("events") or [], c.get("events") or [])
        self.spans(where, g.get("children") or [], c.get("children") or [])


def load(path):
    with open(path, encoding="utf-8") as f:
        if path.endswith(".jsonl"):  # a log of llm_server.py
            return {"requests": [normalise.clean(json.loads(line)) for line in f]}
        return json.load(f)


def without(spans, labels):
    """The spans less those of the given labels ("TYPE name"), whose children move up."""
    out = []
    for s in spans:
        children = without(s.get("children") or [], labels)
        if "%s %s" % (s.get("type"), s.get("name")) in labels:
            out += children
        else:
            out.append(dict(s, children=children))
    return out


def compare_data(golden, got, lenient=False, structure=False, ignore=(), extra_traces=False, leaves=False, drop=()):
    c = Compare(lenient, structure, ignore, leaves)
    if isinstance(golden, dict) and "traces" in golden:
        if drop:
            golden = dict(golden, traces=[dict(t, spans=without(t["spans"], set(drop))) for t in golden["traces"]])
        c.traces(golden["traces"], got["traces"] if isinstance(got, dict) else got, extra_traces)
    elif isinstance(golden, dict) and "requests" in golden:
        a, b = golden["requests"], got["requests"]
        if golden.get("unordered"):
            a, b = ([dict(r, n=0) for r in sorted(x, key=lambda r: r.get("step") or 0)] for x in (a, b))
        c.value("/requests", a, b)
    else:
        c.value("", golden, got)
    return c.found


def compare_files(golden, got, **how):
    return ["%s %s" % (os.path.basename(golden), d) for d in compare_data(load(golden), load(got), **how)]


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("golden", help="a scenario name, or the path of a golden file")
    ap.add_argument("candidate", help="a JSON file of the same shape (- for stdin)")
    ap.add_argument("--lenient", action="store_true")
    ap.add_argument("--structure", action="store_true")
    ap.add_argument("--leaves", action="store_true")
    ap.add_argument("--drop-golden", action="append", default=[], metavar="'TYPE name'")
    ap.add_argument("--extra-traces", action="store_true", help="the candidate may have more traces")
    ap.add_argument("--ignore", action="append", default=[], metavar="KEY", help="leave a key out, wherever it is")
    args = ap.parse_args(argv)
    path = args.golden if os.path.exists(args.golden) else os.path.join(HERE, "golden", args.golden + ".json")
    got = json.load(sys.stdin) if args.candidate == "-" else load(args.candidate)
    found = compare_data(load(path), got, args.lenient, args.structure, args.ignore, args.extra_traces,
                         args.leaves, args.drop_golden)
    for line in found:
        print(line)
    print("%d difference(s)" % len(found) if found else "same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
