"""Reads the traces of one experiment as MLflow's own client shows them, in the form of the golden files.

    python stored_traces.py URI EXPERIMENT

Unlike oracle/fetch_traces.py it also runs with an MLflow from before 3.5, whose client has no such store.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "oracle"))
import normalise  # noqa: E402


def main(uri, experiment):
    import mlflow
    from mlflow import MlflowClient

    mlflow.set_tracking_uri(uri)
    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    stored = client.search_traces(experiment_ids=[found.experiment_id], include_spans=False)
    whole = [client.get_trace(trace.info.trace_id).to_dict() for trace in stored]
    json.dump([normalise.trace(trace) for trace in whole], sys.stdout)


main(*sys.argv[1:])
