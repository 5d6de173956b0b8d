"""
The names that Python, nn.Module and its containers have themselves, into expected/pythonNames.json. Needs PyTorch:

    python3 tests/oracles/pythonNames.py

What is new there belongs in src/engine/formats/pythonNames.ts, which keeps names that older versions had.
"""
import builtins
import json
import keyword
import os

import torch
from torch import nn

names = {
    "versions": f"PyTorch {torch.__version__.split('+')[0]}",
    "keywords": keyword.kwlist,
    "builtins": dir(builtins),
    "module": sorted({*dir(nn.Module()), *dir(nn.Sequential()), *dir(nn.ModuleList())}),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "pythonNames.json")
with open(path, "w") as file:
    file.write("{\n" + ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in names.items()) + "\n}\n")
