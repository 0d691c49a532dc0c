"""Expectations for data sets: RLE by pycocotools, a NIfTI by nibabel; and what Coxa exported read by both and by labelme's rules.

    pip install numpy pycocotools nibabel pillow
    python datasets.py                        # writes datasets.json and datasets.nii.gz beside this file
    python datasets.py coco DIR               # pycocotools reads an export --to coco, all masks and points
    python datasets.py nifti DIR              # nibabel reads an export --to nnunet --nifti
    python datasets.py labelme DIR            # every shape of an export --to labelme as labelme would draw it
"""

import base64
import io
import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


def expectations():
    from pycocotools import mask as coco

    random = np.random.default_rng(1)
    masks = [np.zeros((3, 4)), np.ones((3, 4)), np.eye(7), 1 - np.eye(5), np.ones((1, 1))]
    for rows, columns, share in [(9, 5, 0.5), (5, 9, 0.1), (20, 30, 0.9), (31, 17, 0.5)]:
        masks.append(random.random((rows, columns)) < share)
    y, x = np.mgrid[:60, :50]
    masks.append((x - 25) ** 2 + (y - 30) ** 2 < 400)
    masks.append((x // 10 + y // 10) % 2 == 0)
    rle = []
    for mask in masks:
        mask = mask.astype(np.uint8)
        runs = coco.encode(np.asfortranarray(mask))
        rle.append({
            "size": list(runs["size"]),
            "counts": runs["counts"].decode(),
            "area": int(coco.area(runs)),
            "bbox": coco.toBbox(runs).tolist(),
            "mask": "".join(map(str, mask.ravel())),
        })
    (HERE / "datasets.json").write_text(json.dumps({"rle": rle}) + "\n")

    import nibabel

    # x fastest: 4 columns, 3 rows.
    data = (np.arange(12).reshape(3, 4) * 100 - 300).astype(np.int16).T[:, :, None]
    image = nibabel.Nifti1Image(data, np.diag([-0.5, -0.25, 1, 1]))
    image.header.set_xyzt_units("mm")
    nibabel.save(image, HERE / "datasets.nii.gz")


def coco(folder):
    from pycocotools.coco import COCO

    for path in sorted(folder.glob("annotations/*.json")):
        coco = COCO(str(path))
        for annotation in coco.loadAnns(coco.getAnnIds()):
            if "segmentation" in annotation:
                mask = coco.annToMask(annotation)
                rows, columns = np.nonzero(mask)
                assert mask.sum() == annotation["area"], annotation["id"]
                box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
                assert box == annotation["bbox"], (box, annotation["bbox"])
            else:
                names = coco.loadCats(annotation["category_id"])[0]["keypoints"]
                seen = np.array(annotation["keypoints"]).reshape(len(names), 3)
                assert (seen[:, 2] > 0).sum() == annotation["num_keypoints"]
        print(path.name, len(coco.imgs), "images", len(coco.anns), "annotations")


def nifti(folder):
    import nibabel

    for path in sorted(folder.glob("images*/*.nii.gz")):
        image = nibabel.load(path)
        labels = nibabel.load(str(path).replace("images", "labels").replace("_0000", ""))
        assert image.shape == labels.shape and image.shape[2] == 1
        assert np.allclose(image.affine, labels.affine)
        # nibabel's affine by the form and by the quaternion agree.
        assert np.allclose(image.get_sform(), image.get_qform(), atol=1e-5)
        print(path.name, image.shape, image.get_data_dtype(), image.header.get_zooms(), np.unique(labels.dataobj))


def labelme(folder):
    from PIL import Image

    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text())
        picture = Image.open(folder / document["imagePath"])
        assert picture.size == (document["imageWidth"], document["imageHeight"])
        for shape in document["shapes"]:
            if shape["shape_type"] == "mask":
                # labelme's shape_to_mask: the picture fills the box of the two points, both inclusive.
                (x1, y1), (x2, y2) = np.array(shape["points"], int)
                mask = np.array(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
                assert mask.shape == (y2 - y1 + 1, x2 - x1 + 1), shape["label"]
        print(path.name, len(document["shapes"]), "shapes")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            expectations()
        case [task, folder]:
            {"coco": coco, "nifti": nifti, "labelme": labelme}[task](Path(folder))
