"""
PyTorch's answers to the cases of cases.ts, as safetensors files beside this script. Needs PyTorch and NumPy:

    node tests/oracles/writeCases.ts | python3 tests/oracles/make.py

The networks are built here from the project document with torch.nn alone; nothing of Receptive computes.
Each file holds the loss, the output and every gradient of the first step, and every weight after the last.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)


def formula(name, shape, scale):
    shift = 0
    for character in name:
        shift = (shift * 31 + ord(character)) % 1009
    values = [scale * math.sin(shift + 0.37 * i) for i in range(math.prod(shape))]
    return torch.tensor(np.array(values, np.float32).astype(np.float64).reshape(shape))


def conv2d(p, channels):
    padding, extra = p["padding"], []
    if isinstance(padding, list):
        top, bottom, left, right = padding
        extra, padding = [nn.ZeroPad2d((left, right, top, bottom))], 0
    return extra, nn.Conv2d(channels, p["outChannels"], tuple(p["kernelSize"]), tuple(p["stride"]), padding,
                            tuple(p["dilation"]), p["groups"], p["bias"])


def layer(kind, p, shape):
    if kind == "Conv2d":
        return conv2d(p, shape[1])
    if kind == "Linear":
        return [], nn.Linear(shape[1], p["outFeatures"], p["bias"])
    if kind == "ReLU":
        return [], nn.ReLU()
    if kind == "MaxPool2d":
        return [], nn.MaxPool2d(tuple(p["kernelSize"]), tuple(p["stride"]), tuple(p["padding"]), tuple(p["dilation"]))
    if kind == "Flatten":
        return [], nn.Flatten()
    raise ValueError(kind)


def build(document, shape):
    """The chain of a document as modules by name, each after what goes before it."""
    nodes, edges = document["graph"]["nodes"], document["graph"]["edges"]
    at = next(i for i, node in nodes.items() if node["kind"] == "Input")
    x, modules, before = torch.zeros(shape), [], {}
    while True:
        following = [edge["target"] for edge in edges if edge["source"] == at]
        if not following:
            return modules, before
        at = following[0]
        node = nodes[at]
        before[node["name"]], module = layer(node["kind"], node["params"], x.shape)
        for extra in before[node["name"]]:
            x = extra(x)
        x = module(x)
        modules.append((node["name"], module))


def answer(case):
    modules, before = build(case["document"], case["input"])
    parameters = {}
    for name, module in modules:
        for weight, tensor in module.named_parameters():
            full = f"{name}.{weight}"
            fan_in = math.prod(module.weight.shape[1:])
            with torch.no_grad():
                tensor.copy_(formula(full, list(tensor.shape), 1 / math.sqrt(fan_in)))
            parameters[full] = tensor
    training = case["document"]["training"]
    p = training["optimizer"]["params"]
    optimizer = torch.optim.SGD(parameters.values(), lr=training["learningRate"], momentum=p["momentum"],
                                weight_decay=p["weightDecay"], nesterov=p["nesterov"])
    x, target = formula("input", case["input"], 1), torch.tensor(case["classes"])
    out = {}
    for step in range(case["steps"]):
        optimizer.zero_grad()
        y = x
        for name, module in modules:
            for extra in before[name]:
                y = extra(y)
            y = module(y)
        loss = nn.functional.cross_entropy(y, target)
        loss.backward()
        if step == 0:
            out["loss"], out["output"] = loss.detach(), y.detach().clone()
            out.update({f"grad.{name}": tensor.grad.clone() for name, tensor in parameters.items()})
        optimizer.step()
    out.update({name: tensor.detach() for name, tensor in parameters.items()})
    return out


def save(path, tensors):
    header, data, offset = {}, [], 0
    for name, tensor in tensors.items():
        raw = tensor.to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    header["__metadata__"] = {"torch": torch.__version__}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
    os.makedirs(folder, exist_ok=True)
    for case in json.load(sys.stdin):
        save(os.path.join(folder, case["name"] + ".safetensors"), answer(case))
