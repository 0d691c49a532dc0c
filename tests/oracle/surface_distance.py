"""Writes surface_distance.json: HD95 and ASSD of random blobs as medpy 0.5 defines them, on scipy's distance transform."""
import json
from pathlib import Path

import numpy as np
from scipy import ndimage

rng = np.random.default_rng(7)


def distances(a, b, spacing):
    """medpy.metric.binary.__surface_distances with connectivity 1."""
    footprint = ndimage.generate_binary_structure(2, 1)
    border = [m ^ ndimage.binary_erosion(m, structure=footprint, iterations=1) for m in (a, b)]
    return ndimage.distance_transform_edt(~border[1], sampling=spacing)[border[0]]


def blob(shape):
    noise = ndimage.gaussian_filter(rng.normal(size=shape), rng.uniform(1, 3))
    return noise > np.quantile(noise, rng.uniform(0.4, 0.9))


sets = []
for _ in range(20):
    shape = tuple(int(n) for n in rng.integers(8, 30, 2))
    spacing = [float(s) for s in np.round(rng.uniform(0.1, 2, 2), 3)]
    a, b = blob(shape), blob(shape)
    there, back = distances(a, b, spacing), distances(b, a, spacing)
    rows = lambda m: ["".join("#" if v else "." for v in row) for row in m]
    sets.append(
        {
            "spacing": spacing,
            "predicted": rows(a),
            "reference": rows(b),
            "hd95": float(np.percentile(np.hstack((there, back)), 95)),
            "assd": float(np.mean((there.mean(), back.mean()))),
        }
    )
Path(__file__).with_suffix(".json").write_text(json.dumps(sets, indent=0) + "\n")
