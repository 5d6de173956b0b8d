"""
The receptive fields of the zoo as gradients show them, into expected/zooFields.json:

    node tests/oracles/writeZooFieldCases.ts | python3 tests/oracles/zooFields.py

The gradient of one pixel in the middle of the output by the image, where every weight is positive, so that nothing
cancels. What a layer sees does not depend on which of it wins or saturates: maxima become averages, and functions of
one element that end somewhere become the identity. Each answer is the pixel, and the first and last row (or column)
of the image with a gradient.
"""
import json
import os
import sys

import torch
from torch import nn

import make
from make import Network

make.LAYERS["MaxPool2d"] = lambda p, shape: nn.AvgPool2d(
    tuple(p["kernelSize"]), tuple(p["stride"]), tuple(p["padding"]), ceil_mode=p["ceilMode"])
make.LAYERS["ReLU6"] = lambda p, shape: nn.Identity()
make.LAYERS["LocalResponseNorm"] = lambda p, shape: nn.Identity()
make.LAYERS["Dropout"] = lambda p, shape: nn.Identity()


def averages(network):
    """Every output is an average of its inputs: gradients neither vanish nor overflow in 121 layers."""
    for name, module, tensor, _ in network.state():
        module.eval()
        with torch.no_grad():
            fan_in = tensor[0].numel() if tensor.dim() > 1 else 1
            running_mean = name.endswith("running_mean") or name.endswith("bias")
            tensor.fill_(0 if running_mean else 1 / fan_in)


def answer(case):
    network = Network({"graph": case["graph"]})
    image = torch.ones(1, *case["image"], requires_grad=True)
    with torch.no_grad():
        network(image)
        averages(network)
    y = network(image)
    pixel = [y.shape[2] // 2, y.shape[3] // 2]
    y[0, :, pixel[0], pixel[1]].sum().backward()
    axis = case["axis"]
    seen = image.grad[0].abs().sum((0, 2 - axis)).nonzero().flatten()
    return {"model": case["model"], "axis": axis, "pixel": pixel[axis], "size": list(y.shape[1:]),
            "first": seen[0].item(), "last": seen[-1].item()}


if __name__ == "__main__":
    answers = []
    for case in json.load(sys.stdin):
        answers.append(answer(case))
        print(answers[-1], file=sys.stderr)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "zooFields.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in answers) + "\n]\n")
