"""
Receptive fields as PyTorch shows them, to the networks of fieldCases.ts, into expected/fields.json:

    node tests/oracles/writeFieldCases.ts | python3 tests/oracles/fields.py

Every weight is 1, every bias 0, so nothing cancels: an output pixel sees a row of the image if and only if it is
positive where that row alone is 1 and everything else 0. Each answer is the output's size, and for a few pixels in
its middle the rows and the columns that each sees.
"""
import json
import os
import sys

import torch

from make import Network


# A pixel that bilinear interpolation lays on another one sees its neighbour by some 1e-16.
ROUNDING = 1e-12


def ones(network):
    for _, _, tensor, _ in network.state():
        with torch.no_grad():
            tensor.fill_(0 if tensor.dim() == 1 else 1)


def probes(height, width):
    """One image for each row, then one for each column."""
    images = torch.zeros(height + width, 1, height, width)
    for row in range(height):
        images[row, 0, row, :] = 1
    for column in range(width):
        images[height + column, 0, :, column] = 1
    return images


def answer(case):
    network = Network({"graph": case["graph"]})
    _, height, width = case["image"]
    with torch.no_grad():
        network(torch.zeros(1, 1, height, width))
        ones(network)
        answers = network(probes(height, width)).sum(1)
        seen = answers > ROUNDING * answers.max()
    size = list(seen.shape[1:])
    pixels = []
    for y, x in [(size[0] // 2 + i, size[1] // 2 + j) for i, j in ((0, 0), (-1, 0), (0, -1), (1, 1))]:
        at = seen[:, y, x]
        pixels.append({"pixel": [y, x], "rows": at[:height].nonzero().flatten().tolist(),
                       "columns": at[height:].nonzero().flatten().tolist()})
    return {"size": size, "pixels": pixels}


if __name__ == "__main__":
    answers = [answer(case) for case in json.load(sys.stdin)]
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "fields.json")
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in answers) + "\n]\n")
