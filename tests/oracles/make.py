"""
PyTorch's answers to the cases of cases.ts, as safetensors files beside this script. Needs PyTorch and NumPy:

    node tests/oracles/writeCases.ts | python3 tests/oracles/make.py

The networks are built here from the project document with torch.nn alone; nothing of Receptive computes.
Each file holds the loss, the output and every gradient of the first step, and every weight and buffer after the
last; where evaluation is another thing than training, also the output of it then.
"""
import fnmatch
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)


def noise(shift, count):
    """Numbers between -1 and 1 that look like chance (MurmurHash3's last mixing)."""
    x = (np.arange(count, dtype=np.uint64) + shift * 7919).astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x / 2.0**31 - 1


# A large network of sines has filters that are all alike, and its normalisations nothing to hold on to.
noisy = False


def real(values):
    return torch.tensor(np.array(values, np.float64)).to(torch.get_default_dtype())


def formula(name, shape, scale):
    shift = 0
    for character in name:
        shift = (shift * 31 + ord(character)) % 1009
    count = math.prod(shape)
    values = scale * noise(shift, count) if noisy else [scale * math.sin(shift + 0.37 * i) for i in range(count)]
    return real(np.array(values, np.float32).reshape(shape))


class Padded(nn.Sequential):
    """A convolution with padding per side, which nn.Conv2d itself does not take."""

    @property
    def weight(self):
        return self[1].weight

    def named_parameters(self):
        return self[1].named_parameters()


PADDINGS = {"reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d, "zeros": nn.ZeroPad2d}

# What a filter can start as; every input channel has the same.
KERNELS = {
    "left edge": [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}


class CircularPad2d(nn.Module):
    """PyTorch 1.13 has the function, not yet the module."""

    def __init__(self, sides):
        super().__init__()
        self.sides = sides

    def forward(self, x):
        return nn.functional.pad(x, self.sides, "circular")


def conv2d(p, channels):
    padding = p["padding"]
    sides = padding if isinstance(padding, list) else None
    mode = p["paddingMode"]
    conv = nn.Conv2d(channels, p["outChannels"], tuple(p["kernelSize"]), tuple(p["stride"]), 0 if sides else padding,
                     tuple(p["dilation"]), p["groups"], p["bias"], "zeros" if sides else mode)
    start = p["weights"]
    conv.start = KERNELS.get(start) if isinstance(start, str) else torch.tensor(start).view(*p["kernelSize"]).tolist()
    if p["frozen"]:
        conv.requires_grad_(False)
    if not sides:
        return conv
    top, bottom, left, right = sides
    return Padded(PADDINGS.get(mode, CircularPad2d)((left, right, top, bottom)), conv)


def only_identity(strength):
    """What acts by chance, at a strength where nothing happens: torch.nn itself has no such module."""
    assert strength == 0
    return nn.Identity()


MERGES = {
    "Add": lambda xs: sum(xs[1:], xs[0]),
    "Multiply": lambda xs: math.prod(xs[1:], start=xs[0]),
    "Concat": lambda xs: torch.cat(xs, 1),
}

# A module for a node's parameters and the shape of its (first) input, batch first.
LAYERS = {
    "Conv2d": lambda p, shape: conv2d(p, shape[1]),
    "Linear": lambda p, shape: nn.Linear(shape[1], p["outFeatures"], p["bias"]),
    "ReLU": lambda p, shape: nn.ReLU(),
    "MaxPool2d": lambda p, shape: nn.MaxPool2d(tuple(p["kernelSize"]), tuple(p["stride"]), tuple(p["padding"]),
                                               tuple(p["dilation"]), ceil_mode=p["ceilMode"]),
    "Flatten": lambda p, shape: nn.Flatten(),
    "AvgPool2d": lambda p, shape: nn.AvgPool2d(tuple(p["kernelSize"]), tuple(p["stride"]), tuple(p["padding"]),
                                               p["ceilMode"], p["countIncludePad"]),
    "GlobalAvgPool2d": lambda p, shape: nn.AdaptiveAvgPool2d(1),
    "AdaptiveAvgPool2d": lambda p, shape: nn.AdaptiveAvgPool2d(tuple(p["outputSize"])),
    "AdaptiveMaxPool2d": lambda p, shape: nn.AdaptiveMaxPool2d(tuple(p["outputSize"])),
    "ConvTranspose2d": lambda p, shape: nn.ConvTranspose2d(
        shape[1], p["outChannels"], tuple(p["kernelSize"]), tuple(p["stride"]), tuple(p["padding"]),
        tuple(p["outputPadding"]), p["groups"], p["bias"], tuple(p["dilation"])),
    "Upsample": lambda p, shape: nn.Upsample(scale_factor=tuple(p["scaleFactor"]), mode=p["mode"]),
    "PixelShuffle": lambda p, shape: nn.PixelShuffle(p["upscaleFactor"]),
    "ZeroPad2d": lambda p, shape: nn.ZeroPad2d(tuple(p["padding"][i] for i in (2, 3, 0, 1))),
    "ReLU6": lambda p, shape: nn.ReLU6(),
    "LeakyReLU": lambda p, shape: nn.LeakyReLU(p["negativeSlope"]),
    "PReLU": lambda p, shape: nn.PReLU(p["numParameters"], p["init"]),
    "ELU": lambda p, shape: nn.ELU(p["alpha"]),
    "GELU": lambda p, shape: nn.GELU(p["approximate"]),
    "SiLU": lambda p, shape: nn.SiLU(),
    "Hardswish": lambda p, shape: nn.Hardswish(),
    "Hardsigmoid": lambda p, shape: nn.Hardsigmoid(),
    "Sigmoid": lambda p, shape: nn.Sigmoid(),
    "Tanh": lambda p, shape: nn.Tanh(),
    "Softmax": lambda p, shape: nn.Softmax(dim=1),
    "LogSoftmax": lambda p, shape: nn.LogSoftmax(dim=1),
    "Output": lambda p, shape: nn.Identity(),
    "Identity": lambda p, shape: nn.Identity(),
    "Dropout": lambda p, shape: nn.Dropout(p["p"]),
    "Dropout2d": lambda p, shape: nn.Dropout2d(p["p"]),
    "DropPath": lambda p, shape: only_identity(p["p"]),
    "GaussianNoise": lambda p, shape: only_identity(p["std"]),
    "BatchNorm2d": lambda p, shape: nn.BatchNorm2d(shape[1], p["eps"], p["momentum"], p["affine"],
                                                   p["trackRunningStats"]),
    "GroupNorm": lambda p, shape: nn.GroupNorm(p["numGroups"], shape[1], p["eps"], p["affine"]),
    "LayerNorm": lambda p, shape: nn.LayerNorm(list(shape[1:]), p["eps"], p["elementwiseAffine"]),
    "InstanceNorm2d": lambda p, shape: nn.InstanceNorm2d(shape[1], p["eps"], p["momentum"], p["affine"],
                                                         p["trackRunningStats"]),
    "LocalResponseNorm": lambda p, shape: nn.LocalResponseNorm(p["size"], p["alpha"], p["beta"], p["k"]),
}


# What does something else in evaluation than in training.
BY_MODE = (nn.BatchNorm2d, nn.InstanceNorm2d)


class Network:
    """A project document as PyTorch modules, each made when the shape of its input is first known."""

    def __init__(self, document):
        self.nodes = document["graph"]["nodes"]
        self.edges = document["graph"]["edges"]
        self.modules = {}

    def sources(self, node):
        edges = [edge for edge in self.edges if edge["target"] == node]
        return [edge["source"] for edge in sorted(edges, key=lambda edge: edge["input"])]

    def ends(self):
        feeding = {edge["source"] for edge in self.edges}
        return [node for node in self.nodes if node not in feeding]

    def __call__(self, image):
        """What the network says where it ends in one place."""
        return self.values(image)[self.ends()[0]]

    def answers(self, image):
        """By question: what an Output says that it answers, or a mask or class by its shape."""
        values = self.values(image)
        named = [(self.nodes[end]["params"].get("answer"), values[end]) for end in self.ends()]
        return {answer or ("mask" if y.dim() == 4 else "class"): y for answer, y in named}

    def values(self, image):
        values = {}

        def value(node):
            if node not in values:
                kind, p = self.nodes[node]["kind"], self.nodes[node]["params"]
                xs = [value(source) for source in self.sources(node)]
                if kind == "Input":
                    values[node] = image
                elif kind in MERGES:
                    values[node] = MERGES[kind](xs)
                else:
                    if node not in self.modules:
                        self.modules[node] = LAYERS[kind](p, xs[0].shape)
                        if self.nodes[node].get("frozen"):
                            for _, parameter in self.modules[node].eval().named_parameters():
                                parameter.requires_grad_(False)
                    values[node] = self.modules[node](xs[0])
            return values[node]

        for end in self.ends():
            value(end)
        return values

    def evaluate(self, image):
        """What it gives once it is trained, without a trace in its buffers."""
        for module in self.modules.values():
            module.eval()
        return self(image).detach()

    def state(self):
        """Parameters and buffers by name, parameters of the first kind only."""
        for node, module in self.modules.items():
            name = self.nodes[node]["name"]
            for weight, tensor in module.named_parameters():
                yield f"{name}.{weight}", module, tensor, True
            for buffer, tensor in ([] if isinstance(module, Padded) else module.named_buffers()):
                if tensor.is_floating_point():
                    yield f"{name}.{buffer}", module, tensor, False


def initial(name, module, tensor, trained):
    """The numbers of cases.ts: as large as PyTorch's own where those are uniform, else around a half."""
    start = getattr(module[1] if isinstance(module, Padded) else module, "start", None)
    if start and tensor.dim() == 4:
        return real(start).expand(tensor.shape)
    trained = trained and not start
    if trained and isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, Padded)):
        fan_in = math.prod(module.weight.shape[1:])
        return formula(name, list(tensor.shape), 1 / math.sqrt(fan_in))
    return real((formula(name, list(tensor.shape), 0.4) + 0.5).numpy().astype(np.float32))


def one_hot(target, y):
    """What the elementwise losses want of a class: 1 at its own channel, or 1 for class 1 where there is one."""
    if y.shape[1] == 1:
        return (target == 1).unsqueeze(1).to(y.dtype)
    hot = nn.functional.one_hot(target, y.shape[1]).to(y.dtype)
    return hot.permute(0, 3, 1, 2) if y.dim() == 4 else hot


def cross_entropy(y, target, p):
    weight = torch.tensor(p["weight"], dtype=y.dtype) if p.get("weight") else None
    return nn.functional.cross_entropy(y, target, weight, ignore_index=p.get("ignoreIndex", -100),
                                       label_smoothing=p.get("labelSmoothing", 0.0))


def giou(y, target, p):
    """torchvision.ops.generalized_box_iou_loss with reduction="mean", written out."""
    eps = 1e-7
    x1, y1, x2, y2 = y.unbind(-1)
    x1g, y1g, x2g, y2g = target.unbind(-1)
    xkis1, ykis1 = torch.max(x1, x1g), torch.max(y1, y1g)
    xkis2, ykis2 = torch.min(x2, x2g), torch.min(y2, y2g)
    intersection = torch.zeros_like(x1)
    mask = (ykis2 > ykis1) & (xkis2 > xkis1)
    intersection[mask] = (xkis2[mask] - xkis1[mask]) * (ykis2[mask] - ykis1[mask])
    union = (x2 - x1) * (y2 - y1) + (x2g - x1g) * (y2g - y1g) - intersection
    iou = intersection / (union + eps)
    area = (torch.max(x2, x2g) - torch.min(x1, x1g)) * (torch.max(y2, y2g) - torch.min(y1, y1g))
    return (1 - (iou - (area - union) / (area + eps))).mean()


def dice(y, target, p):
    smooth = p.get("smooth", 1.0)
    shares = torch.sigmoid(y) if y.shape[1] == 1 else torch.softmax(y, 1)
    true = one_hot(target, y)
    overlap, sizes = (shares * true).sum((2, 3)), shares.sum((2, 3)) + true.sum((2, 3))
    return (1 - (2 * overlap + smooth) / (sizes + smooth)).mean()


def numbers(y, target):
    return target if target.is_floating_point() else one_hot(target, y)


LOSSES = {
    "CrossEntropyLoss": cross_entropy,
    "BCEWithLogitsLoss": lambda y, t, p: nn.functional.binary_cross_entropy_with_logits(y, numbers(y, t)),
    "MSELoss": lambda y, t, p: nn.functional.mse_loss(y, numbers(y, t)),
    "SmoothL1Loss": lambda y, t, p: nn.functional.smooth_l1_loss(y, t, beta=p.get("beta", 1.0)),
    "GIoULoss": giou,
    "DiceLoss": dice,
}

OPTIMIZERS = {
    "SGD": lambda groups, lr, p: torch.optim.SGD(groups, lr, p.get("momentum", 0.9), nesterov=p.get("nesterov", False)),
    "Adam": lambda groups, lr, p: torch.optim.Adam(groups, lr, betas(p), p.get("eps", 1e-8),
                                                   amsgrad=p.get("amsgrad", False)),
    "AdamW": lambda groups, lr, p: torch.optim.AdamW(groups, lr, betas(p), p.get("eps", 1e-8),
                                                     amsgrad=p.get("amsgrad", False)),
    "RMSprop": lambda groups, lr, p: torch.optim.RMSprop(groups, lr, p.get("alpha", 0.99), p.get("eps", 1e-8),
                                                         momentum=p.get("momentum", 0.0),
                                                         centered=p.get("centered", False)),
}

DECAYS = {"AdamW": 0.01}


def betas(p):
    return p.get("beta1", 0.9), p.get("beta2", 0.999)


def is_norm_or_bias(name, module):
    return name.endswith(".bias") or isinstance(module, (nn.BatchNorm2d, nn.InstanceNorm2d, nn.GroupNorm, nn.LayerNorm))


def targets_of(case):
    whole = {answer: np.array(target["values"]).reshape(target["shape"]) for answer, target in case["targets"].items()}
    return {answer: real(target.astype(np.float32)) if answer == "box" else torch.tensor(target)
            for answer, target in whole.items()}


class Training:
    """Steps of one case; what happens to gradients is done as a script does it, in this order."""

    def __init__(self, network, training):
        self.network, self.training = network, training
        self.regularisation = training["regularisation"]
        state = [(name, module, tensor) for name, module, tensor, trained in network.state() if trained]
        self.trained = {name: tensor for name, _, tensor in state if tensor.requires_grad}
        spared = set() if self.regularisation["decayAll"] else {
            name for name, module, _ in state if is_norm_or_bias(name, module)}
        self.decayed = [tensor for name, tensor in self.trained.items() if name not in spared]
        kind, p = training["optimizer"]["kind"], training["optimizer"]["params"]
        decay = p.get("weightDecay", DECAYS.get(kind, 0.0))
        groups = [{"params": self.decayed, "weight_decay": decay},
                  {"params": [self.trained[name] for name in self.trained if name in spared], "weight_decay": 0.0}]
        groups = [part for group in groups for part in self.by_rate(group)]
        self.optimizer = OPTIMIZERS[kind]([group for group in groups if group["params"]], training["learningRate"], p)
        self.average = {}

    def by_rate(self, group):
        """The same parameters in groups by their learning rates."""
        names = {id(tensor): name.rpartition(".")[0] for name, tensor in self.trained.items()}
        rates = {}
        for tensor in group["params"]:
            layer = names[id(tensor)].split(".")
            prefixes = [".".join(layer[:i + 1]) for i in range(len(layer))]
            factor = next((rate["factor"] for rate in self.training.get("rates", [])
                           if any(fnmatch.fnmatchcase(prefix, rate["layers"]) for prefix in prefixes)), 1)
            rates.setdefault(factor, []).append(tensor)
        return [{**group, "params": tensors, "lr": factor * self.training["learningRate"]}
                for factor, tensors in rates.items()]

    def gradients(self, x, targets):
        """Leaves the gradients that the optimizer will take. Returns the loss and the answers."""
        self.optimizer.zero_grad()
        size = math.ceil(len(x) / self.training["accumulate"])
        parts = [self.part(x[i:i + size], {answer: y[i:i + size] for answer, y in targets.items()}, len(x))
                 for i in range(0, len(x), size)]
        (self.regularisation["l1"] * sum(tensor.abs().sum() for tensor in self.decayed)).backward()
        if self.regularisation["clipValue"] > 0:
            nn.utils.clip_grad_value_(self.trained.values(), self.regularisation["clipValue"])
        if self.regularisation["clipNorm"] > 0:
            nn.utils.clip_grad_norm_(self.trained.values(), self.regularisation["clipNorm"])
        return sum(loss for loss, _ in parts), {answer: torch.cat([answers[answer] for _, answers in parts])
                                                for answer in parts[0][1]}

    def part(self, x, targets, whole):
        """Adds the gradients of a part of a batch: of its mean loss, times its share of the images."""
        answers = self.network.answers(x)
        loss = len(x) / whole * sum(
            term["weight"] * LOSSES[term["kind"]](answers[term["answer"]], targets[term["answer"]], term["params"])
            for term in self.training["losses"])
        loss.backward()
        return loss.detach(), {answer: y.detach().clone() for answer, y in answers.items()}

    def update(self):
        self.optimizer.step()
        decay = self.regularisation["ema"]
        for name, tensor in self.trained.items() if decay > 0 else ():
            now = tensor.detach().clone()
            self.average[f"{name}.ema"] = decay * self.average.get(f"{name}.ema", now) + (1 - decay) * now


def answer(case):
    global noisy
    noisy = case.get("brief", False)
    network = Network(case["document"])
    x, targets = formula("input", case["input"], 1), targets_of(case)
    network.values(x)
    for name, module, tensor, trained in network.state():
        with torch.no_grad():
            tensor.copy_(initial(name, module, tensor, trained))
    training = Training(network, case["document"]["training"])
    out, losses = {}, []
    for step in range(case["steps"]):
        loss, answers = training.gradients(x, targets)
        losses.append(loss)
        if step == 0:
            suffixes = {answer: "" if len(answers) == 1 else f".{answer}" for answer in answers}
            out["loss"] = loss
            out.update({f"output{suffixes[answer]}": y for answer, y in answers.items()})
            out.update({f"grad.{name}": tensor.grad.clone() for name, tensor in training.trained.items()})
        training.update()
    out.update({name: tensor.detach().clone() for name, _, tensor, _ in network.state()})
    out.update(training.average)
    if case.get("brief"):
        return brief(losses, {name: tensor for name, _, tensor, _ in network.state()})
    if any(isinstance(module, BY_MODE) and module.training for module in network.modules.values()):
        out["evaluated"] = network.evaluate(x)
    return out


def brief(losses, state):
    """What is kept of a large network: the loss of each step, and of each tensor its norm and a weighted sum."""
    out = {"losses": torch.stack(losses)}
    for name, tensor in state.items():
        flat = tensor.detach().flatten().double()
        weights = torch.sin(0.37 * torch.arange(len(flat), dtype=torch.float64) + 1)
        out[name] = torch.stack([flat.norm(), flat @ weights])
    return out


def save(path, tensors):
    header, data, offset = {}, [], 0
    for name, tensor in tensors.items():
        raw = tensor.to(torch.float32).contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(raw)]}
        data.append(raw)
        offset += len(raw)
    header["__metadata__"] = {"torch": torch.__version__}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
    os.makedirs(folder, exist_ok=True)
    for case in json.load(sys.stdin):
        save(os.path.join(folder, case["name"] + ".safetensors"), answer(case))
