"""
Names and shapes of the tensors of torchvision's and timm's networks, in the order of their state_dicts, as
expected/weightNames.json beside this script. Needs PyTorch, torchvision and timm; no weights are fetched:

    python3 tests/oracles/weightNames.py
"""
import json
import os

import timm
import torch
import torchvision

TORCHVISION = ["alexnet", "vgg11", "vgg11_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "squeezenet1_0",
               "squeezenet1_1", "googlenet", "resnet18", "resnet34", "resnet50", "densenet121", "mobilenet_v2",
               "mobilenet_v3_small", "mobilenet_v3_large", "efficientnet_b0"]
TIMM = ["vgg11", "vgg11_bn", "vgg16", "vgg16_bn", "vgg19", "vgg19_bn", "resnet18", "resnet34", "resnet50",
        "densenet121", "mobilenetv2_100", "efficientnet_b0", "efficientnet_lite0"]


def listed(network):
    return [[name, *tensor.shape] for name, tensor in network.state_dict().items()]


if __name__ == "__main__":
    with torch.device("meta"):
        networks = {f"torchvision/{name}": listed(torchvision.models.get_model(name, weights=None))
                    for name in TORCHVISION}
        networks |= {f"timm/{name}": listed(timm.create_model(name)) for name in TIMM}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "weightNames.json")
    with open(path, "w") as file:
        json.dump({"torchvision": torchvision.__version__, "timm": timm.__version__, "networks": networks}, file,
                  separators=(",", ":"))
