"""
Runs the PyTorch code that Receptive writes, and keeps what it is: parameters, output shapes, the state_dict's
names and shapes, which running statistics change in training. The answers go to expected/pytorchCode.json. Needs PyTorch:

    node tests/oracles/writeCodeCases.ts | python3 tests/oracles/code.py [FOLDER]

With a folder, weights, an image and what comes of it are left there for kerasCode.py to hold Keras against.
"""
import json
import os
import sys

import numpy as np
import torch

# Larger ones would need gigabytes on the way to Keras.
LARGEST = 40_000_000


def shapes_of(output):
    if isinstance(output, dict):
        return {name: list(value.shape[1:]) for name, value in output.items()}
    return list(output.shape[1:])


def moving(model, shape):
    """The running statistics that change in training. They are put back."""
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    with torch.no_grad():
        model.train()(torch.rand(2, *shape))
    changed = {name for name, buffer in model.named_buffers() if not torch.equal(buffer, before[name])}
    for name, buffer in model.named_buffers():
        buffer.copy_(before[name])
    return [name for name in before if name in changed and not name.endswith("num_batches_tracked")]


def run(case, folder):
    scope = {}
    exec(compile(case["pytorch"], case["name"], "exec"), scope)
    model = scope["model"].eval()
    torch.manual_seed(1)
    for name, buffer in model.named_buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    with torch.no_grad():
        image = torch.rand(2 if case["size"] < 10_000 else 1, *case["input"])
        output = model(image)
    state = {
        name: list(tensor.shape)
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    parameters = list(model.parameters())
    statistics = moving(model, case["input"])
    if folder and case["parameters"] < LARGEST:
        tensors = {f"state/{name}": tensor.numpy() for name, tensor in model.state_dict().items()}
        outputs = output if isinstance(output, dict) else {"": output}
        tensors.update({f"output/{name}": value.numpy() for name, value in outputs.items()})
        np.savez(os.path.join(folder, f"{case['name']}.npz"), image=image.numpy(), **tensors)
    return {
        "hash": case["hashes"]["pytorch"],
        "parameters": sum(parameter.numel() for parameter in parameters),
        "trainable": sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        "output": shapes_of(output),
        "moving": statistics,
        "state": state,
    }


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else None
    answers = {case["name"]: run(case, folder) for case in json.load(sys.stdin)}
    path = os.path.join(os.path.dirname(__file__), "expected", "pytorchCode.json")
    with open(path, "w") as file:
        rows = [f"  {json.dumps(name)}: {json.dumps(answer)}" for name, answer in answers.items()]
        file.write("{\n" + ",\n".join(rows) + "\n}\n")
    print(f"{len(answers)} networks written to {path}", file=sys.stderr)


main()
