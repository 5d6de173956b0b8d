"""
The learning rate of every step under PyTorch's schedulers, to the cases of scheduleCases.ts, into
expected/schedules.json:

    node tests/oracles/writeScheduleCases.ts | python3 tests/oracles/schedules.py
"""
import json
import os
import sys

import torch
from torch.optim import lr_scheduler

BY_EPOCH = {
    "StepLR": lambda o, p, _: lr_scheduler.StepLR(o, p["stepSize"], p["gamma"]),
    "MultiStepLR": lambda o, p, _: lr_scheduler.MultiStepLR(o, p["milestones"], p["gamma"]),
    "ExponentialLR": lambda o, p, _: lr_scheduler.ExponentialLR(o, p["gamma"]),
    "ReduceLROnPlateau": lambda o, p, _: lr_scheduler.ReduceLROnPlateau(
        o, factor=p["factor"], patience=p["patience"], threshold=p["threshold"], cooldown=p["cooldown"],
        min_lr=p["minLr"]),
}
BY_STEP = {
    "constant": lambda o, p, _: lr_scheduler.ConstantLR(o, 1.0, 0),
    "CosineAnnealingLR": lambda o, p, steps: lr_scheduler.CosineAnnealingLR(o, steps, p["etaMin"]),
    "OneCycleLR": lambda o, p, steps: lr_scheduler.OneCycleLR(
        o, o.defaults["lr"], total_steps=steps, pct_start=p["pctStart"], anneal_strategy=p["annealStrategy"],
        cycle_momentum=False, div_factor=p["divFactor"], final_div_factor=p["finalDivFactor"]),
}


def rates(case):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=case["base"])
    kind, p, steps, warm = case["kind"], case["params"], case["epochs"] * case["stepsPerEpoch"], case["warmupSteps"]
    scheduler = (BY_EPOCH | BY_STEP)[kind](optimizer, p, steps - warm)
    if warm:
        linear = lr_scheduler.LinearLR(optimizer, 0.01, 1.0, warm)
        scheduler = lr_scheduler.SequentialLR(optimizer, [linear, scheduler], [warm])
    answer = []
    for step in range(steps):
        answer.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if kind in BY_STEP:
            # OneCycleLR refuses the step behind the last one.
            if step + 1 < steps:
                scheduler.step()
        elif (step + 1) % case["stepsPerEpoch"] == 0:
            epoch = step // case["stepsPerEpoch"]
            scheduler.step(*([case["losses"][epoch]] if kind == "ReduceLROnPlateau" else []))
    return answer


def rates_or_none(case):
    """None where PyTorch has no answer: OneCycleLR divides by the length of its rise, which may be nothing."""
    try:
        return [float(f"{rate:.12g}") for rate in rates(case)]
    except ZeroDivisionError:
        return None


if __name__ == "__main__":
    answers = {case["name"]: rates_or_none(case) for case in json.load(sys.stdin)}
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected", "schedules.json")
    with open(path, "w") as file:
        rows = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in answers.items()]
        file.write("{\n" + ",\n".join(rows) + "\n}\n")
