"""
Runs the Keras code that Receptive writes, with the weights of the PyTorch code, on the same image, and keeps how
far the two are apart. The answers go to expected/kerasCode.json. Needs Keras 3 with one of its backends; code.py
has filled the folder:

    node tests/oracles/writeCodeCases.ts | KERAS_BACKEND=jax python3 tests/oracles/kerasCode.py FOLDER
"""
import json
import os
import sys

import keras
import numpy as np

# PyTorch's name of a weight, and Keras's of the same.
NAMES = {
    "weight": ("kernel", "gamma", "alpha"),
    "bias": ("bias", "beta"),
    "running_mean": ("moving_mean",),
    "running_var": ("moving_variance",),
}


def channels_last(tensor):
    return np.moveaxis(tensor, 1, -1) if tensor.ndim == 4 else tensor


def arranged(layer, variable, tensor):
    """PyTorch's layout of a weight in Keras's."""
    if isinstance(layer, keras.layers.Conv2DTranspose) and tensor.ndim == 4:
        return tensor.transpose(2, 3, 1, 0)
    if isinstance(layer, keras.layers.Conv2D) and tensor.ndim == 4:
        return tensor.transpose(2, 3, 1, 0)
    if isinstance(layer, keras.layers.Dense) and tensor.ndim == 2:
        return tensor.T
    if isinstance(layer, keras.layers.LayerNormalization) and tensor.ndim == 3:
        return np.moveaxis(tensor, 0, -1)
    return tensor.reshape(variable.shape)


def give_weights(model, values, renamed):
    for key in values.files:
        path, _, name = key.removeprefix("state/").rpartition(".")
        if not key.startswith("state/") or name == "num_batches_tracked":
            continue
        # A layer inside a block: Keras's names are single words. Those that PyTorch cannot have are strings there.
        layer = model.get_layer(renamed.get(path, path.replace(".", "_")))
        variable = next(each for each in layer.variables if each.name in NAMES[name])
        variable.assign(arranged(layer, variable, values[key]))


def difference(model, values):
    """The largest, relative to the largest value."""
    given = model(channels_last(values["image"]), training=False)
    given = given if isinstance(given, dict) else {"": given}
    worst = 0.0
    for name, output in given.items():
        wanted = channels_last(values[f"output/{name}"])
        got = keras.ops.convert_to_numpy(output)
        assert got.shape == wanted.shape, (got.shape, wanted.shape)
        worst = max(worst, float(np.abs(got - wanted).max() / max(np.abs(wanted).max(), 1e-6)))
    return worst


def size_of(variable):
    return int(np.prod(variable.shape))


def run(case, folder):
    scope = {}
    exec(compile(case["keras"], case["name"], "exec"), scope)
    if "model" not in scope:
        return {"hash": case["hashes"]["keras"], "parameters": None, "difference": None}
    model = scope["model"]
    moving = sum(size_of(v) for v in model.variables if v.name.startswith("moving_"))
    # Seeds of what acts by chance are variables, too.
    parameters = sum(size_of(v) for v in model.variables if "seed" not in v.name) - moving
    path = os.path.join(folder, f"{case['name']}.npz")
    apart = None
    if os.path.exists(path):
        with np.load(path) as values:
            give_weights(model, values, case["renamed"])
            apart = difference(model, values)
    return {"hash": case["hashes"]["keras"], "parameters": int(parameters), "difference": apart}


def main():
    answers, failures = {}, []
    for case in json.load(sys.stdin):
        try:
            answers[case["name"]] = run(case, sys.argv[1])
        except Exception as error:
            failures.append(f"{case['name']}: {type(error).__name__}: {error}\n{case['keras'][:2000]}")
        keras.backend.clear_session()
    if failures:
        sys.exit("\n\n".join(failures))
    path = os.path.join(os.path.dirname(__file__), "expected", "kerasCode.json")
    with open(path, "w") as file:
        rows = [f"  {json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
        file.write("{\n" + ",\n".join(rows) + "\n}\n")
    print(f"{len(answers)} networks written to {path}", file=sys.stderr)


main()
