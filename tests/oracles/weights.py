"""
Logits of torchvision's and timm's networks with weights that follow a formula, as expected/weightLogits.json beside
this script. Needs PyTorch, torchvision and timm; no weights are fetched:

    python3 tests/oracles/weights.py [FOLDER]

With a folder each network's state_dict is written there, so that the files themselves can be tried.
"""
import json
import math
import os
import sys

import timm
import torch
import torchvision

from make import formula

# By how much weights are smaller than what keeps the deviation behind ReLU: shortcuts add to it in each block.
NETWORKS = {"torchvision/resnet18": 0.8, "torchvision/resnet50": 0.72, "torchvision/mobilenet_v2": 1,
            "timm/mobilenetv2_100": 1, "torchvision/googlenet": 1, "torchvision/densenet121": 1,
            "torchvision/squeezenet1_1": 1, "torchvision/mobilenet_v3_small": 1.1,
            "torchvision/efficientnet_b0": 1.1, "timm/efficientnet_b0": 1.13}
SIZE = 64
IMAGES = 2


def made(path):
    library, name = path.split("/")
    return (timm.create_model(name) if library == "timm" else torchvision.models.get_model(name, weights=None)).double()


def value(name, shape, gain):
    """Weights keep the deviation of what flows through them; what is added and divided by is small and near one."""
    kind = name.rsplit(".", 1)[1]
    if kind == "num_batches_tracked":
        return torch.tensor(7)
    if kind == "weight" and len(shape) > 1:
        return formula(name, shape, gain * math.sqrt(6 / math.prod(shape[1:])))
    return formula(name, shape, 0.25) + (1 if kind in ("weight", "running_var") else 0)


if __name__ == "__main__":
    import make
    make.noisy = True
    expected = {}
    for path, gain in NETWORKS.items():
        network = made(path).eval()
        state = {name: value(name, list(tensor.shape), gain) for name, tensor in network.state_dict().items()}
        network.load_state_dict(state)
        x = formula("input", [IMAGES, 3, SIZE, SIZE], 1)
        with torch.no_grad():
            y = network(x.double())
        expected[path] = [round(each, 6) for each in y.flatten().tolist()]
        print(path, y.std().item(), y.abs().max().item())
        if len(sys.argv) > 1:
            floats = {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in state.items()}
            torch.save(floats, os.path.join(sys.argv[1], path.replace("/", "_") + ".pth"))
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
    with open(os.path.join(folder, "weightLogits.json"), "w") as file:
        json.dump({"torch": torch.__version__, "size": SIZE, "images": IMAGES, "gains": NETWORKS, "logits": expected}, file,
                  separators=(",", ":"))
