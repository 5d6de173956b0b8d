"""
What PyTorch makes of all numbers of two bytes: the SHA-256 of the 65,536 float32 that they become, in the order of
their bits, into expected/halfPrecision.json. Every NaN counts as one. Needs PyTorch:

    python3 tests/oracles/halfPrecision.py
"""
import hashlib
import json
import pathlib

import torch

TARGET = pathlib.Path(__file__).parent / "expected" / "halfPrecision.json"

bits = torch.arange(65536, dtype=torch.int32).to(torch.uint16)
hashes = {}
for name, dtype in (("F16", torch.float16), ("BF16", torch.bfloat16)):
    floats = bits.view(dtype).float()
    floats[floats.isnan()] = 0
    hashes[name] = hashlib.sha256(floats.numpy().astype("<f4").tobytes()).hexdigest()
TARGET.write_text(json.dumps(hashes, indent=2) + "\n")
