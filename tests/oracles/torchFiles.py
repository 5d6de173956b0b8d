"""
Small files of torch.save, and what is in them, beside this script in expected/torchFiles. Needs PyTorch:

    python3 tests/oracles/torchFiles.py

Files that hold more than tensors are among them: of those the name is kept that a reader has to refuse them by.
What some of them would run, were they loaded, does nothing.
"""
import collections
import json
import os
import pickle

import torch
from torch import nn

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "torchFiles")


def network():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))


def checkpoint():
    net = nn.DataParallel(network())
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.randn(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3, 5])
    return {"epoch": 3, "arch": "small", "best": 0.5, "state_dict": net.state_dict(),
            "optimizer": optimizer.state_dict(), "lr_scheduler": scheduler.state_dict()}


def numbers():
    torch.manual_seed(2)
    x = torch.randn(3, 4) * 3
    types = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
             torch.int8, torch.bool]
    return {str(each).removeprefix("torch."): x.to(each) for each in types} | {"uint8": x.abs().to(torch.uint8)}


def views():
    """Tensors that share a storage, look into a part of it, or lie across its order."""
    x = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    return {"whole": x, "transposed": x.transpose(0, 2), "row": x[1, 2], "every_second": x[:, ::2, 1:4],
            "permuted": x.permute(1, 2, 0)[1:], "scalar": x[2, 3, 4], "repeated": x[0, 0, :1].expand(2, 3),
            "none": x[:0], "channels_last": x[None].contiguous(memory_format=torch.channels_last), "again": x}


class Runs:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


GOOD = {
    "zip": (network().state_dict(), {}),
    "legacy": (network().state_dict(), {"_use_new_zipfile_serialization": False}),
    "protocol4": (network().state_dict(), {"pickle_protocol": 4}),
    "protocol5": (checkpoint(), {"pickle_protocol": 5}),
    "checkpoint": (checkpoint(), {}),
    "checkpoint_legacy": (checkpoint(), {"_use_new_zipfile_serialization": False}),
    "parameters": (dict(network().named_parameters()), {}),
    "numbers": (numbers(), {}),
    "numbers_legacy": (numbers(), {"_use_new_zipfile_serialization": False}),
    "views": (views(), {}),
    "views_legacy": (views(), {"_use_new_zipfile_serialization": False}),
}

BAD = {
    "system": ({"weight": torch.zeros(2), "more": Runs(os.system, "true")}, {}, "posix.system"),
    "system_legacy": ({"more": Runs(os.system, "true")}, {"_use_new_zipfile_serialization": False}, "posix.system"),
    "eval": (Runs(eval, "None"), {"pickle_protocol": 4}, "builtins.eval"),
    "whole_network": (network(), {}, "torch.nn.modules.container.Sequential"),
    "defaultdict": ({"state": collections.defaultdict(list)}, {}, "collections.defaultdict"),
}


def state_dict_of(held):
    return held.get("state_dict", held)


def described(tensor):
    plain = tensor.detach().to(torch.float64).flatten().tolist()
    return {"type": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "values": plain}


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    expected = {"torch": torch.__version__, "good": {}, "bad": {}}
    for name, (held, options) in GOOD.items():
        torch.save(held, os.path.join(FOLDER, f"{name}.pth"), **options)
        expected["good"][name] = {key: described(tensor) for key, tensor in state_dict_of(held).items()}
    for name, (held, options, asks) in BAD.items():
        torch.save(held, os.path.join(FOLDER, f"{name}.pth"), **options)
        expected["bad"][name] = asks
    for protocol in (0, 2, 4):
        with open(os.path.join(FOLDER, f"plain{protocol}.pth"), "wb") as file:
            pickle.dump(Runs(os.system, "true"), file, protocol)
        expected["bad"][f"plain{protocol}"] = "posix.system"
    torch.jit.script(network().eval()).save(os.path.join(FOLDER, "script.pth"))
    expected["bad"]["script"] = "TorchScript"
    with open(os.path.join(FOLDER, "expected.json"), "w") as file:
        json.dump(expected, file, separators=(",", ":"))
