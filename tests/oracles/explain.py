"""
What PyTorch says of the three networks of explainCases.ts, written here with torch.nn and its functions
alone, into expected/explain.safetensors and expected/explainSliding*.safetensors:

    python3 tests/oracles/explain.py
"""
import os

import torch
from torch import nn
from torch.nn import functional as F

from make import formula, save

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
LABEL, EPSILON, TARGET = 3, 0.07, 1
MEAN, STD = [0.4, 0.5, 0.6], [0.3, 0.25, 0.2]


def given(module, name):
    """The numbers of make.py's formula, for a layer of this name."""
    for weight, tensor in list(module.named_parameters()) + list(module.named_buffers()):
        full = f"{name}.{weight}"
        if weight == "num_batches_tracked":
            continue
        with torch.no_grad():
            if isinstance(module, nn.BatchNorm2d):
                tensor.copy_((formula(full, list(tensor.shape), 0.4) + 0.5).float().double())
            else:
                fan_in = module.weight[0].numel()
                tensor.copy_(formula(full, list(tensor.shape), 1 / fan_in**0.5))
    return module.eval()


class Branching(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = given(nn.Conv2d(3, 4, 3, padding=1), "conv1")
        self.norm = given(nn.BatchNorm2d(4), "norm")
        self.conv2 = given(nn.Conv2d(4, 4, 3, padding=1), "conv2")
        self.fc = given(nn.Linear(4 * 6 * 6, 5), "fc")

    def forward(self, x):
        self.first = F.relu(self.norm(self.conv1(x)))
        self.sum = self.first + self.conv2(self.first)
        self.pooled = F.max_pool2d(self.sum, 2)
        return self.fc(self.pooled.flatten(1))


def explained():
    network = Branching()
    mean, std = (torch.tensor(v, dtype=torch.float64).view(3, 1, 1) for v in (MEAN, STD))
    share = (formula("input", [3, 12, 12], 0.5) + 0.5).clamp(0, 1)
    x = (((share - mean) / std).float().double()[None]).requires_grad_()
    scores = network(x)
    summed = network.sum
    summed.retain_grad()
    network.first.retain_grad()
    scores[0, TARGET].backward(retain_graph=True)
    weights = summed.grad.mean((2, 3), keepdim=True)
    out = {
        "image": x.detach()[0],
        "first": network.first.detach()[0],
        "sum": summed.detach()[0],
        "pooled": network.pooled.detach()[0],
        "scores": scores.detach()[0],
        "gradient.image": x.grad[0].clone(),
        "gradient.first": network.first.grad[0].clone(),
        "gradCam": F.relu((weights * summed.detach()).sum(1))[0],
        "saliency": x.grad[0].abs().max(0).values.clone(),
    }
    x.grad = None
    F.cross_entropy(scores, torch.tensor([LABEL])).backward(retain_graph=True)
    moved = ((x.detach()[0] * std + mean) + EPSILON * x.grad[0].sign()).clamp(0, 1)
    out["fgsm"] = (moved - mean) / std
    out["fgsmScores"] = network(out["fgsm"][None]).detach()[0]
    x.grad = None
    summed[0, :, 4, 7].sum().backward()
    out["field"] = x.grad[0].clone()
    drops = torch.zeros(4, 4, dtype=torch.float64)
    before = scores.detach().softmax(1)[0, TARGET]
    for i in range(4):
        for j in range(4):
            hidden = x.detach().clone()
            hidden[0, :, 3 * i:3 * i + 3, 3 * j:3 * j + 3] = ((0.5 - mean) / std).float().double()
            drops[i, j] = before - network(hidden).detach().softmax(1)[0, TARGET]
    out["drops"] = drops
    return out


def sliding():
    layers = nn.Sequential(
        given(nn.Conv2d(3, 6, 5, 2), "conv1"), nn.ReLU(), given(nn.Conv2d(6, 8, 3, 2), "conv2"), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), given(nn.Linear(72, 10), "fc1"), nn.ReLU(), given(nn.Linear(10, 4), "fc2"))
    image = formula("large", [3, 69, 69], 1)
    crops = [layers(image[None, :, 8 * i:8 * i + 29, 8 * j:8 * j + 29]).detach()[0] for i in range(6) for j in range(6)]
    return {"image": image, "crops": torch.stack(crops).T.reshape(4, 6, 6)}


class Pooled(nn.Module):
    """A residual network that pads, and averages each channel over all of its image."""

    def __init__(self):
        super().__init__()
        self.conv1 = given(nn.Conv2d(3, 6, 3, 2, 1), "conv1")
        self.conv2 = given(nn.Conv2d(6, 6, 3, 1, 1), "conv2")
        self.fc = given(nn.Linear(6, 4), "linear1")

    def features(self, x):
        first = F.relu(self.conv1(x))
        return F.relu(first + self.conv2(first))

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


def slidingPooled():
    network = Pooled()
    image = formula("large", [3, 39, 39], 1)
    features = network.features(image[None])
    classify = lambda maps: F.conv2d(maps, network.fc.weight[:, :, None, None], network.fc.bias).detach()[0]
    beyond = F.pad(image, (0, 1, 0, 1))[None]
    crops = [network(beyond[:, :, 2 * i:2 * i + 32, 2 * j:2 * j + 32]).detach()[0] for i in range(5) for j in range(5)]
    return {
        "image": image,
        "whole": network(image[None]).detach()[0],
        "map": classify(F.avg_pool2d(features, 16, 1)),
        "activation": classify(features),
        "crops": torch.stack(crops).T.reshape(4, 5, 5),
    }


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    save(os.path.join(FOLDER, "explain.safetensors"), explained())
    save(os.path.join(FOLDER, "explainSliding.safetensors"), sliding())
    save(os.path.join(FOLDER, "explainSlidingPooled.safetensors"), slidingPooled())
