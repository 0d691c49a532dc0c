"""Expectations for data sets: RLE by pycocotools, a NIfTI by nibabel; and what Coxa exported read by both and by labelme's rules.

    pip install numpy pycocotools nibabel pillow
    python datasets.py                        # writes datasets.json and datasets.nii.gz beside this file
    python datasets.py coco DIR               # pycocotools reads an export --to coco, all masks and points
    python datasets.py nifti DIR              # nibabel reads an export --to nnunet --nifti
    python datasets.py labelme DIR            # every shape of an export --to labelme as labelme would draw it
    python datasets.py sets COXA FILM POINTS MASKS

The last one (`pip install SimpleITK` too) writes FILM with the points of POINTS (JSON) and the labels of MASKS (PNG) as
every data set of `coxa export`, and as nnU-Net's .nii.gz; each is read by the program of its format and compared with POINTS
and MASKS to what the format can hold, then imported again by `coxa dataset import`, which must give the same points and
masks.
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


def written(coxa, film, points, masks, folder):
    """One folder a format, nifti among them."""
    import subprocess

    def run(*command):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    run(coxa, "export", film, "--landmarks", points, "--masks", masks, "--to", "coco,yolo,nnunet,labelme,points", "--out", folder)
    sets = {path.suffix[1:]: path for path in folder.iterdir()}
    run(coxa, "dataset", "export", sets["coco"], "--to", "nnunet", "--nifti", "--out", folder / "set.nifti")
    sets["nifti"] = folder / "set.nifti"
    again = {}
    for name, path in sets.items():
        kind = {"points": "csv", "nifti": "nnunet"}.get(name, name)
        again[name] = folder / f"again-{name}"
        run(coxa, "dataset", "import", path, "--format", kind, "--keep-names", "--out", again[name])
    return sets, again


def sets(coxa, film, points, masks):
    import tempfile

    import nibabel
    import SimpleITK
    from PIL import Image
    from pycocotools.coco import COCO

    truth = {
        mark["code"] + (f"-{mark['side']}" if mark["side"] else ""): np.array([mark["x"], mark["y"]])
        for mark in json.loads(points.read_text())["landmarks"]
        if mark.get("x") is not None
    }
    labels = np.asarray(Image.open(masks))
    rows, columns = labels.shape

    def compare(name, found, bound):
        assert found.keys() == truth.keys(), (name, found.keys() ^ truth.keys())
        worst = max(np.abs(found[code] - truth[code]).max() for code in truth)
        assert worst <= bound, (name, worst)
        print(f"{name}: {len(found)} points, at most {worst:.3g} px off (format: {bound:g})")

    with tempfile.TemporaryDirectory() as work:
        made, again = written(coxa, film, points, masks, Path(work))
        pictures = [made["coco"] / "images/film.png", made["yolo"] / "images/train/film.png", made["labelme"] / "film.png"]
        pictures += [made["points"] / "images/film.png", made["nnunet"] / "imagesTr/film_0000.png"]
        first = np.asarray(Image.open(pictures[0]))
        assert all(np.array_equal(np.asarray(Image.open(picture)), first) for picture in pictures[1:])

        coco = COCO(str(made["coco"] / "annotations/all.json"))
        painted = np.zeros_like(labels)
        for annotation in coco.loadAnns(coco.getAnnIds()):
            category = coco.loadCats(annotation["category_id"])[0]
            if "segmentation" in annotation:
                painted[coco.annToMask(annotation) > 0] = int(category["name"][1:])
            else:
                marks = np.reshape(annotation["keypoints"], (-1, 3))
                compare("coco", {code: mark[:2] for code, mark in zip(category["keypoints"], marks) if mark[2]}, 1e-9)
        assert np.array_equal(painted, labels)
        print("coco: pycocotools paints every pixel of the masks")

        row = np.array((made["yolo"] / "labels/train/film.txt").read_text().split(), float)
        names = (made["yolo"] / "data.yaml").read_text().split("kpt_names:")[1].split("[")[1].split("]")[0]
        marks = row[5:].reshape(-1, 3)
        found = {code.strip(' "'): mark[:2] * [columns, rows] for code, mark in zip(names.split(","), marks) if mark[2]}
        compare("yolo", found, 1e-6 * max(rows, columns))

        assert np.array_equal(np.asarray(Image.open(made["nnunet"] / "labelsTr/film.png")), labels)
        volume = next(made["nifti"].glob("labelsTr/*.nii.gz"))
        image = next(made["nifti"].glob("imagesTr/*.nii.gz"))
        assert np.array_equal(np.asarray(nibabel.load(volume).dataobj)[:, :, 0].T, labels)
        read = SimpleITK.ReadImage(str(volume))
        assert np.array_equal(SimpleITK.GetArrayFromImage(read)[0], labels)
        grey = SimpleITK.ReadImage(str(image))
        assert np.allclose(grey.GetSpacing(), read.GetSpacing()) and grey.GetSize() == read.GetSize()
        assert np.array_equal(SimpleITK.GetArrayFromImage(grey)[0], first)
        print(f"nnunet: png, and nii.gz by nibabel and SimpleITK, spacing {grey.GetSpacing()[:2]}: every label and grey")

        labelme(made["labelme"])
        shapes = json.loads((made["labelme"] / "film.json").read_text())["shapes"]
        # Its coordinates count from the corner of the first pixel.
        compare("labelme", {s["label"]: np.array(s["points"][0]) - 0.5 for s in shapes if s["shape_type"] == "point"}, 1e-9)
        painted = np.zeros_like(labels)
        for shape in (s for s in shapes if s["shape_type"] == "mask"):
            (x1, y1), (x2, y2) = np.array(shape["points"], int)
            mask = np.array(Image.open(io.BytesIO(base64.b64decode(shape["mask"]))))
            painted[y1 : y2 + 1, x1 : x2 + 1][mask > 0] = int(shape["label"][1:])
        assert np.array_equal(painted, labels)

        table = [line.split(",") for line in (made["points"] / "landmarks.csv").read_text().splitlines()]
        cells = [dict(zip(table[0], row)) for row in table[1:]]
        named = lambda cell: cell["code"] + (f"-{cell['side']}" if cell["side"] else "")
        compare("points", {named(c): np.array([c["x"], c["y"]], float) for c in cells if c["x"]}, 1e-9)

        for name, folder in again.items():
            picture = np.asarray(Image.open(next(folder.glob("images/*.png"))))
            assert np.array_equal(picture, first), name
            if name not in ("nnunet", "nifti"):
                marks = json.loads(next(folder.glob("landmarks/*.json")).read_text())["landmarks"]
                found = {
                    m["code"] + (f"-{m['side']}" if m["side"] else ""): np.array([m["x"], m["y"]])
                    for m in marks
                    if m.get("x") is not None
                }
                compare(f"{name} in again", found, 1e-6 * max(rows, columns) if name == "yolo" else 1e-9)
            if name not in ("yolo", "points"):
                mask = np.asarray(Image.open(next(folder.glob("masks/*.png"))))
                assert np.array_equal(mask, labels), name
                print(f"{name} in again: every pixel of the masks")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            expectations()
        case ["sets", coxa, film, points, masks]:
            sets(coxa, Path(film), Path(points), Path(masks))
        case [task, folder]:
            {"coco": coco, "nifti": nifti, "labelme": labelme}[task](Path(folder))
