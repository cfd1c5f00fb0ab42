#!/usr/bin/env python3
# mlflow-ag2 oracle: reads traces from a server. Part of the recording kit that made tests/golden
# (tests/golden/README.md).
"""Dump the traces of one experiment of any MLflow server in the normalised form.

    python fetch_traces.py --uri http://127.0.0.1:5000 --experiment NAME [--out FILE] [--outline] [--timing]

Reads through the MLflow client.  Traces whose spans did not all arrive are dumped too
("complete": false) although `mlflow.search_traces` hides them.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")

import normalise


def fetch(uri, experiment, timing=False, expect=None, wait=10.0):
    """[normalised trace], oldest first. Waits up to `wait` s for `expect` traces, if given."""
    import mlflow
    from mlflow import MlflowClient
    from mlflow.tracing.client import TracingClient

    mlflow.set_tracking_uri(uri)
    found = MlflowClient(uri).get_experiment_by_name(experiment)
    if found is None:
        return []
    client = TracingClient(uri)
    end = time.time() + wait
    while True:
        infos, token = [], None
        while True:
            page = client.search_traces(locations=[found.experiment_id], max_results=100,
                                        page_token=token, include_spans=False)
            infos += [t.info for t in page]
            token = getattr(page, "token", None)
            if not token:
                break
        if expect is None or len(infos) >= expect or time.time() > end:
            break
        time.sleep(0.2)
    infos.sort(key=lambda i: (i.request_time, i.trace_id))
    out = []
    for info in infos:
        whole = None
        try:
            if info.tags.get("mlflow.trace.spansLocation") == "TRACKING_STORE":
                whole = client.store.get_trace(info.trace_id, allow_partial=True)
        except Exception as e:
            print("note: %s" % e, file=sys.stderr)
        if whole is None:
            try:
                whole = client.get_trace(info.trace_id)
            except Exception as e:
                print("note: no spans for a trace: %s" % e, file=sys.stderr)
        data = whole.to_dict() if whole is not None else {"info": info.to_dict(), "data": {"spans": []}}
        data["info"] = info.to_dict()
        out.append(normalise.trace(data, timing))
    return out


def main(argv=None):
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--uri", required=True)
    ap.add_argument("--experiment", required=True)
    ap.add_argument("--out")
    ap.add_argument("--outline", action="store_true", help="print a short text tree instead of JSON")
    ap.add_argument("--timing", action="store_true", help="add start_ms/end_ms (relative to the trace's first span)")
    ap.add_argument("--expect", type=int, help="wait until that many traces are there (10 s at most)")
    args = ap.parse_args(argv)
    traces = fetch(args.uri, args.experiment, args.timing, args.expect)
    if args.outline:
        print("\n".join(normalise.outline(t) for t in traces))
        return 0
    text = json.dumps({"traces": traces}, ensure_ascii=False, indent=1) + "\n"
    if args.out:
        with open(args.out, "w", encoding="utf-8") as f:
            f.write(text)
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
