"""What torchvision's Faster R-CNN makes of FR-DDH's choices, on weights and images by formula.

The parts are torchvision's own: ResNet, AnchorGenerator, RPNHead, RegionProposalNetwork, RoIPool, TwoMLPHead,
FastRCNNPredictor, RoIHeads. Weights of the new layers are scaled by powers of two, so that outputs are near 1.

needs: torch, torchvision, numpy
usage: python3 tests/oracle/fr_ddh.py > tests/oracle/fr_ddh.json
"""

import json
import math
import pathlib
import sys

import torch
import torchvision
from torchvision.models._utils import IntermediateLayerGetter
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import AnchorGenerator, RegionProposalNetwork, RPNHead
from torchvision.ops import MultiScaleRoIAlign, RoIPool

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benches"))
from reference import values  # noqa: E402

SAMPLES = 41
SIZES = [(150, 200), (128, 160)]
PADDED = (160, 224)
STRIDE, POOLED, HIDDEN, LANDMARKS = 32, 3, 64, 4
ANCHORS = (48, 96)
# Landmarks of each image: class, centre; a box is 55 pixels wide.
BOX = 55
LANDMARKS_OF = [[(1, 60, 50), (2, 140, 52), (3, 71, 96), (4, 190, 140)], [(1, 40, 64), (2, 118, 66), (4, 100, 20)]]
EVERYTHING = 1_000_000


def formula(module):
    with torch.no_grad():
        for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
            if tensor.dim():
                tensor.copy_(torch.from_numpy(values(name, list(tensor.shape))))
    return module.eval()


def sampled(tensor):
    flat = tensor.detach().double().flatten()
    at = [index * (len(flat) - 1) // (SAMPLES - 1) for index in range(SAMPLES)]
    return {
        "shape": list(tensor.shape),
        "largest": float(flat.abs().max()),
        "values": [float(f"{float(flat[index]):.8g}") for index in at],
    }


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().double().flatten().tolist()]


def image(*shape):
    return torch.from_numpy(values("input", list(shape)))


def conv5(name):
    net = formula(getattr(torchvision.models, name)(weights=None))
    with torch.no_grad():
        return sampled(IntermediateLayerGetter(net, {"layer4": "0"})(image(1, 3, 64, 96))["0"])


class Pool(torch.nn.Module):
    """RoIPool in the place of torchvision's pooling over a pyramid."""

    def __init__(self):
        super().__init__()
        self.pool = RoIPool(POOLED, 1 / STRIDE)

    def forward(self, features, boxes, _):
        return self.pool(features["0"], boxes)


class FrDdh(torch.nn.Module):
    def __init__(self, backbone, channels):
        super().__init__()
        self.backbone = IntermediateLayerGetter(getattr(torchvision.models, backbone)(weights=None), {"layer4": "0"})
        anchors = AnchorGenerator((ANCHORS,), ((1.0,),))
        top = {"training": 2000, "testing": 300}
        self.rpn = RegionProposalNetwork(
            anchors, RPNHead(channels, len(ANCHORS)), 0.7, 0.3, EVERYTHING, 0.5, top, {"training": 40, "testing": 30},
            0.7)
        self.roi_heads = RoIHeads(
            MultiScaleRoIAlign(["0"], POOLED, 2), TwoMLPHead(channels * POOLED**2, HIDDEN),
            FastRCNNPredictor(HIDDEN, LANDMARKS + 1), 0.5, 0.5, EVERYTHING, 0.5, None, 0.0, 0.5, EVERYTHING)
        self.roi_heads.box_roi_pool = Pool()


def detector(backbone, channels):
    net = formula(FrDdh(backbone, channels))
    x = torch.zeros(2, 3, *PADDED)
    for index, (rows, columns) in enumerate(SIZES):
        x[index, :, :rows, :columns] = torch.from_numpy(values(f"input{index}", [rows, columns]))
    images = ImageList(x, SIZES)
    scales = {}

    def scale(layer, name, output):
        """Makes the layer's outputs at most 4, and so the deviations about 1."""
        factor = 2.0 ** math.floor(math.log2(4 / float(output().abs().max())))
        scales[f"{name}.weight"] = scales[f"{name}.bias"] = factor
        with torch.no_grad():
            layer.weight.mul_(factor)
            layer.bias.mul_(factor)

    with torch.no_grad():
        features = net.backbone(x)
        head, box_head, predictor = net.rpn.head, net.roi_heads.box_head, net.roi_heads.box_predictor
        scale(head.conv[0][0], "rpn.head.conv.0.0", lambda: head.conv(features["0"]))
        scale(head.cls_logits, "rpn.head.cls_logits", lambda: head(list(features.values()))[0][0])
        scale(head.bbox_pred, "rpn.head.bbox_pred", lambda: 4 * head(list(features.values()))[1][0])
        proposals, _ = net.rpn(images, features)
        pooled = net.roi_heads.box_roi_pool(features, proposals, SIZES).flatten(1)
        scale(box_head.fc6, "roi_heads.box_head.fc6", lambda: box_head.fc6(pooled))
        scale(box_head.fc7, "roi_heads.box_head.fc7", lambda: box_head(pooled))
        hidden = box_head(pooled)
        scale(predictor.cls_score, "roi_heads.box_predictor.cls_score", lambda: predictor(hidden)[0])
        scale(predictor.bbox_pred, "roi_heads.box_predictor.bbox_pred", lambda: predictor(hidden)[1])
        objectness, codes = net.rpn.head(list(features.values()))
        last = lambda y, n: y[0].view(2, len(ANCHORS), n, *y[0].shape[2:]).permute(0, 3, 4, 1, 2).reshape(2, -1, n)
        logits, moved = predictor(hidden)
        found, _ = net.roi_heads(features, proposals, SIZES)
        best = []
        for of in found:
            for landmark in range(1, LANDMARKS + 1):
                first = (of["labels"] == landmark).nonzero()[0, 0]
                best.append([*rounded(of["boxes"][first]), *rounded(of["scores"][first])])
    targets = []
    for landmarks in LANDMARKS_OF:
        half = BOX / 2
        boxes = [[x - half, y - half, x + half, y + half] for _, x, y in landmarks]
        targets.append({"boxes": torch.tensor(boxes), "labels": torch.tensor([label for label, _, _ in landmarks])})
    anchors = net.rpn.anchor_generator(images, [features["0"]])
    labels, _ = net.rpn.assign_targets_to_anchors(anchors, targets)
    net.rpn.train()
    net.roi_heads.train()
    features = net.backbone(x)
    proposed, losses = net.rpn(images, features, targets)
    _, more = net.roi_heads(features, proposed, SIZES, targets)
    parts = [losses["loss_objectness"], losses["loss_rpn_box_reg"], more["loss_classifier"], more["loss_box_reg"]]
    sum(parts).backward()
    watched = ["backbone.conv1.weight", "backbone.layer2.0.bn1.weight", "backbone.layer4.1.conv2.weight",
               "rpn.head.conv.0.0.weight", "rpn.head.bbox_pred.weight", "roi_heads.box_head.fc6.weight",
               "roi_heads.box_predictor.bbox_pred.bias"]
    parameters = dict(net.named_parameters())
    return {
        "scales": scales,
        "sizes": SIZES,
        "padded": PADDED,
        "landmarks": LANDMARKS_OF,
        "box": BOX,
        "features": sampled(features["0"]),
        "objectness": sampled(last(objectness, 1)),
        "anchor_codes": sampled(last(codes, 4)),
        "proposals": [rounded(of) for of in proposals],
        "logits": sampled(logits),
        "codes": sampled(moved),
        "best": best,
        "anchor_labels": ["".join("-01"[int(label) + 1] for label in of) for of in labels],
        "anchors_that_count": sum(int((of >= 0).sum()) for of in labels),
        "losses": rounded(torch.stack(parts)),
        "gradients": {name: sampled(parameters[name].grad) for name in watched},
    }


result = {
    "made_with": {"torch": torch.__version__, "torchvision": torchvision.__version__},
    "conv5": {name: conv5(name) for name in ("resnet18", "resnet34", "resnet50", "resnet101")},
    "detector": detector("resnet18", 512),
}
print(json.dumps(result, separators=(",", ":")))
