"""
PyTorch's side of `receptive bench`: trains or evaluates a network that it is given as code, on data in memory.

The first line of standard input is what to run, as JSON; each line after it a number of seconds, for which
steps are run. Every answer is one line of JSON. The end of the input is the end.
"""
import json
import resource
import sys
import time

import torch
from torch import nn


def peak_bytes():
    """The largest resident set so far. Linux alone keeps what a process inherited out of it, by VmHWM."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        scale = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale


def make_step(what):
    names = {}
    exec(what["code"], names)
    model = names["model"]
    torch.manual_seed(1)
    inputs = torch.randn(what["batch"], *what["input"])
    targets = torch.randint(what["classes"], (what["batch"], *what["extents"]))
    if what["channelsLast"]:
        model = model.to(memory_format=torch.channels_last)
        inputs = inputs.to(memory_format=torch.channels_last)
    if what["mode"] == "infer":
        model.eval()

        def infer():
            with torch.inference_mode():
                model(inputs)

        return infer
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=what["learningRate"], momentum=what["momentum"])

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss_of(model(inputs), targets).backward()
        optimizer.step()

    return train


def say(answer):
    print(json.dumps(answer), flush=True)


what = json.loads(sys.stdin.readline())
torch.set_num_threads(what["threads"])
step = make_step(what)
step()
say({"version": torch.__version__})
for line in sys.stdin:
    wanted, steps, start, spent = float(line), 0, time.perf_counter(), time.process_time()
    while steps == 0 or time.perf_counter() - start < wanted:
        step()
        steps += 1
    seconds, spent = time.perf_counter() - start, time.process_time() - spent
    say({"steps": steps, "seconds": seconds, "cpuSeconds": spent, "peakBytes": peak_bytes()})
