"""
How far float32 alone leads from float64: PyTorch's own answers to the brief cases in both, as the largest relative
difference of a loss, and of the norm and the weighted sum of a tensor. What Receptive computes in float32 may be
as far away and no further.

    node tests/oracles/writeCases.ts five- | python3 tests/oracles/precision.py
"""
import json
import sys

import torch

from make import answer


def within(case, dtype):
    torch.set_default_dtype(dtype)
    return {name: tensor.double() for name, tensor in answer(case).items()}


def largest(pairs):
    return max(pairs, key=lambda pair: pair[1])


for case in json.load(sys.stdin):
    exact, rounded = within(case, torch.float64), within(case, torch.float32)
    losses = (rounded["losses"] / exact["losses"] - 1).abs()
    away = {name: ((rounded[name] - exact[name]).abs() / exact[name][0]) for name in exact if name != "losses"}
    norm, total = (largest([(name, away[name][i].item()) for name in away]) for i in (0, 1))
    print(f"{case['name']}: losses {' '.join(f'{each:.1e}' for each in losses.tolist())}; "
          f"norm {norm[1]:.1e} ({norm[0]}), sum {total[1]:.1e} ({total[0]})", flush=True)
