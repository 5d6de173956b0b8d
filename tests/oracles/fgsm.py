"""
What PyTorch makes of fgsmCase.ts: the usual lines of training on adversarial images. Needs PyTorch and NumPy:

    node tests/oracles/fgsmCase.ts | python3 tests/oracles/fgsm.py
"""
import json
import os
import sys

import torch

from make import LOSSES, Network, Training, initial, save, targets_of


def adversarial(network, x, targets, case, standardized):
    """The images, moved to where the loss grows; the network as it is in use."""
    for module in network.modules.values():
        module.eval()
    x = x.clone().requires_grad_()
    answers = network.answers(standardized(x))
    loss = sum(term["weight"] * LOSSES[term["kind"]](answers[term["answer"]], targets[term["answer"]], term["params"])
               for term in case["document"]["training"]["losses"])
    gradient, = torch.autograd.grad(loss, x)
    for module in network.modules.values():
        module.train()
    return (x + case["eps"] * gradient.sign()).clamp(0, 1).detach()


def answer(case):
    network = Network(case["document"])
    _, height, width = case["document"]["graph"]["nodes"]["input"]["params"]["shape"]
    bytes_ = torch.tensor(case["bytes"], dtype=torch.float64).reshape(case["batch"], height, width, -1)
    images = bytes_.permute(0, 3, 1, 2) / 255
    mean, std = (torch.tensor(case[name]).reshape(1, -1, 1, 1) for name in ("mean", "std"))
    standardized = lambda x: (x - mean) / std
    targets = targets_of(case)
    network.values(standardized(images))
    for name, module, tensor, trained in network.state():
        with torch.no_grad():
            tensor.copy_(initial(name, module, tensor, trained))
    training = Training(network, case["document"]["training"])
    out = {}
    for step in range(case["steps"]):
        x = standardized(adversarial(network, images, targets, case, standardized))
        out[f"read.{step}"] = x
        loss, _ = training.gradients(x, targets)
        out[f"loss.{step}"] = loss
        training.update()
    out.update({name: tensor.detach().clone() for name, _, tensor, _ in network.state()})
    return out


if __name__ == "__main__":
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
    save(os.path.join(folder, "fgsm.safetensors"), answer(json.load(sys.stdin)))
