"""Writes roi_ops.json beside this file: ROI pool, ROI align and NMS as torchvision computes them.

Run with torch and torchvision installed: python3 tests/oracle/roi_ops.py
"""

import json
from pathlib import Path

import torch
import torchvision
from torchvision.ops import nms, roi_align, roi_pool


def rounded(tensor):
    return [float(f"{value:.8g}") for value in tensor.detach().flatten().tolist()]


generator = torch.Generator().manual_seed(3)


def whole(low, high, shape, parts=1):
    """Random multiples of 1 / parts, which every format holds exactly."""
    return torch.randint(low * parts, high * parts, shape, generator=generator) / parts


cases = []
for shape, size, scale in [((2, 2, 9, 11), (2, 3), 0.25), ((3, 1, 8, 7), (3, 3), 0.5), ((2, 3, 5, 6), (7, 1), 1.0)]:
    height, width = shape[2] / scale, shape[3] / scale
    corner = torch.stack([whole(-3, int(width), (6,), 4), whole(-3, int(height), (6,), 4)], 1)
    extent = torch.stack([whole(0, int(width), (6,), 4), whole(0, int(height), (6,), 4)], 1)
    image = whole(0, shape[0], (6,))
    boxes = torch.cat([image[:, None], corner, corner + extent], 1)
    # One turned inside out, one far outside, one without extent.
    boxes[3, 1:] = boxes[3, [3, 4, 1, 2]]
    boxes[4, 1:] += 4 * width
    boxes[5, 3:] = boxes[5, 1:3]
    # Few distinct values, so that pixels tie.
    x = whole(-2, 2, shape, 8)
    seed = whole(-2, 2, (6, shape[1], *size), 8)
    operations = [("pool", 0, False)]
    operations += [("align", sampling, aligned) for sampling in (0, 1, 2) for aligned in (False, True)]
    for operation, sampling, aligned in operations:
        leaf = x.clone().requires_grad_()
        if operation == "pool":
            y = roi_pool(leaf, boxes, size, scale)
        else:
            y = roi_align(leaf, boxes, size, scale, sampling, aligned)
        (y * seed).sum().backward()
        cases.append(
            {
                "operation": operation,
                "sampling": sampling,
                "aligned": aligned,
                "size": size,
                "scale": scale,
                "shape": shape,
                "x": rounded(x),
                "boxes": rounded(boxes),
                "seed": rounded(seed),
                "output": rounded(y),
                "gradient": rounded(leaf.grad),
            }
        )

suppressions = []
for count, threshold in [(40, 0.3), (40, 0.5), (25, 0.7), (1, 0.5), (0, 0.5)]:
    corner = whole(0, 20, (count, 2), 4)
    boxes = torch.cat([corner, corner + whole(0, 12, (count, 2), 4)], 1)
    # Scores of which some are equal.
    scores = whole(0, 2, (count,), 8)
    kept = nms(boxes, scores, threshold)
    suppressions.append(
        {"threshold": threshold, "boxes": rounded(boxes), "scores": rounded(scores), "kept": kept.tolist()}
    )

text = {
    "torch": torch.__version__.split("+")[0],
    "torchvision": torchvision.__version__.split("+")[0],
    "regions": cases,
    "nms": suppressions,
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(text, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
