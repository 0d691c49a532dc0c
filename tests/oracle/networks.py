"""What the public implementations of our networks answer to weights and images by formula.

needs: torch, torchvision, segmentation-models-pytorch, dynamic-network-architectures, numpy
usage: python3 tests/oracle/networks.py > tests/oracle/networks.json
"""

import json
import pathlib
import sys

import segmentation_models_pytorch as smp
import torch
import torchvision
from dynamic_network_architectures.architectures.unet import PlainConvUNet

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benches"))
from reference import values  # noqa: E402

SAMPLES = 61


def filled(module):
    """The module in evaluation with every parameter and statistic by formula; shared ones under their first name."""
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if tensor.dim():
                tensor.copy_(torch.from_numpy(values(name, list(tensor.shape))))
    return module.eval()


def sampled(tensor):
    """Shape, largest magnitude, and values evenly spread over the tensor."""
    flat = tensor.detach().double().flatten()
    at = [index * (len(flat) - 1) // (SAMPLES - 1) for index in range(SAMPLES)]
    return {
        "shape": list(tensor.shape),
        "largest": float(flat.abs().max()),
        "argmax": winners(tensor),
        "values": [float(f"{float(flat[index]):.8g}") for index in at],
    }


def winners(tensor):
    """The pixel of the largest value of each plane."""
    return tensor.flatten(2).argmax(2).flatten().tolist() if tensor.shape[1] <= 8 else []


def image(*shape):
    return torch.from_numpy(values("input", list(shape)))


def resnet34_features(x):
    net = filled(torchvision.models.resnet34(weights=None))
    x = torch.relu(net.bn1(net.conv1(x)))
    features = [x]
    x = net.maxpool(x)
    for layer in (net.layer1, net.layer2, net.layer3, net.layer4):
        x = layer(x)
        features.append(x)
    return features


def plain_conv_unet(strides):
    return PlainConvUNet(
        input_channels=1, n_stages=4, features_per_stage=[8, 16, 24, 24], conv_op=torch.nn.Conv2d, kernel_sizes=3,
        strides=strides, n_conv_per_stage=2, num_classes=5, n_conv_per_stage_decoder=2, conv_bias=True,
        norm_op=torch.nn.InstanceNorm2d, norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=torch.nn.LeakyReLU, nonlin_kwargs={"inplace": True}, deep_supervision=True)


with torch.no_grad():
    unet = smp.Unet("resnet18", encoder_weights=None, in_channels=1, classes=3)
    unet50 = smp.Unet("resnet50", encoder_weights=None, in_channels=3, classes=2)
    plus_plus34 = smp.UnetPlusPlus("resnet34", encoder_weights=None, in_channels=2, classes=3)
    plus_plus = smp.UnetPlusPlus("resnet18", encoder_weights=None, in_channels=1, classes=4)
    plus_plus_vgg = smp.UnetPlusPlus("vgg16_bn", encoder_weights=None, in_channels=3, classes=2)
    shallow = {"encoder_depth": 4, "decoder_channels": (128, 64, 32, 16), "encoder_weights": None}
    unet4 = smp.Unet("resnet18", in_channels=1, classes=3, **shallow)
    plus_plus4 = smp.UnetPlusPlus("resnet18", in_channels=1, classes=4, **shallow)
    vgg = smp.Unet("vgg16", encoder_weights=None, in_channels=1, classes=4)
    vgg_bn = smp.Unet("vgg16_bn", encoder_weights=None, in_channels=3, classes=3)
    expected = {
        "resnet34": [sampled(x) for x in resnet34_features(image(1, 3, 64, 96))],
        "unet_resnet18": [sampled(filled(unet)(image(2, 1, 64, 96)))],
        "unet_resnet50": [sampled(filled(unet50)(image(1, 3, 64, 64)))],
        "unet_resnet18_depth4": [sampled(filled(unet4)(image(2, 1, 48, 80)))],
        "unet_plus_plus_resnet18_depth4": [sampled(filled(plus_plus4)(image(2, 1, 48, 80)))],
        "unet_plus_plus_resnet34": [sampled(filled(plus_plus34)(image(1, 2, 64, 64)))],
        "unet_vgg16": [sampled(filled(vgg)(image(1, 1, 64, 96)))],
        "unet_vgg16_bn": [sampled(filled(vgg_bn)(image(1, 3, 64, 64)))],
        "unet_plus_plus_resnet18": [sampled(filled(plus_plus)(image(2, 1, 64, 96)))],
        "unet_plus_plus_vgg16_bn": [sampled(filled(plus_plus_vgg)(image(1, 3, 64, 64)))],
        "plain_conv_unet": [sampled(x) for x in filled(plain_conv_unet([1, 2, 2, 2]))(image(2, 1, 32, 48))],
        "plain_conv_unet_uneven": [
            sampled(x) for x in filled(plain_conv_unet([[1, 1], [2, 2], [1, 2], [2, 1]]))(image(2, 1, 32, 48))],
    }
versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "smp": smp.__version__}
print(json.dumps({"made_with": versions, **expected}, separators=(",", ":")))
