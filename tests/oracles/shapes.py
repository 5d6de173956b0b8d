"""
The output shapes that PyTorch gives to the layers and networks of shapeCases.ts, null where it refuses:

    node tests/oracles/writeShapeCases.ts | python3 tests/oracles/shapes.py
"""
import json
import os
import sys
import warnings

import torch

from make import LAYERS, MERGES

warnings.simplefilter("ignore")


REFUSALS = (RuntimeError, ValueError, IndexError, AssertionError, TypeError, ZeroDivisionError)


def apply(kind, params, inputs):
    return MERGES[kind](inputs) if kind in MERGES else LAYERS[kind](params, inputs[0].shape)(inputs[0])


# Two images each: with one, a normalisation can refuse what it takes otherwise.
def layer_shape(case):
    try:
        return list(apply(case["kind"], case["params"], [torch.randn([2, *shape]) for shape in case["inputs"]]).shape[1:])
    except REFUSALS:
        return None


def graph_shapes(graph):
    """The shape behind each node in the order of their making; null behind a refusal too."""
    values = {}
    for name in sorted(graph["nodes"], key=lambda name: int(name[1:])):
        node = graph["nodes"][name]
        edges = sorted((e for e in graph["edges"] if e["target"] == name), key=lambda e: e["input"])
        inputs = [values[edge["source"]] for edge in edges]
        if node["kind"] == "Input":
            values[name] = torch.randn([2, *node["params"]["shape"]])
        elif any(value is None for value in inputs):
            values[name] = None
        else:
            try:
                values[name] = apply(node["kind"], node["params"], inputs)
            except REFUSALS:
                values[name] = None
    return [None if value is None else list(value.shape[1:]) for value in values.values()]


if __name__ == "__main__":
    cases = json.load(sys.stdin)
    lines = {
        "layers": [json.dumps(layer_shape(case)) for case in cases["layers"]],
        "graphs": [json.dumps(graph_shapes(graph)) for graph in cases["graphs"]],
    }
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "shapes.json")
    with open(path, "w") as file:
        parts = (f'"{name}": [\n' + ",\n".join(rows) + "\n]" for name, rows in lines.items())
        file.write("{\n" + ",\n".join(parts) + "\n}\n")
