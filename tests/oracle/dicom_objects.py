"""What others read of the objects of `coxa export`: highdicom, pydicom, dciodvfy (dicom3tools), dsr2html (DCMTK).

    python3 dicom_objects.py COXA FILM LANDMARKS [MASKS] [--keep DIR]
    python3 dicom_objects.py COXA --films DIR

Writes every DICOM object of FILM with `coxa export`, then compares
  - the SR: highdicom opens it; every landmark to 1e-3 px and every value and interval with the JSON of the same points,
    every refusal without a number;
  - the SEG and the label map: highdicom opens them; every pixel with MASKS;
  - the GSPS, KO and encapsulated PDF: pydicom opens them; references, layers, the PDF's bytes;
  - the GSPS of the same film with pixels that are not square: every ring is an ELLIPSE about its landmark to 1e-3 px, its
    major axis first, and round in millimetres;
  - the SR once more with everything in it that a person can do (notes, free measurements, comment, signature): it comes
    back without loss, and highdicom, dciodvfy and dsr2html take it;
  - a SEG that highdicom made: its pixels, read by `coxa export --masks`;
  - each: `dciodvfy` finds no error that the film itself has not; `dsr2html` renders the reports.
With --films, every film below DIR that can be measured, with points and masks made to its size.
Exits with 1 where anything differs. Needs `pip install highdicom pydicom pillow`, dicom3tools and DCMTK.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
from PIL import Image

FAULTS = []


def expect(condition, message):
    if not condition:
        FAULTS.append(message)
        print("DIFFERS", message)


def errors(path):
    """Errors of dciodvfy. It knows no label maps, and no private designators (a warning)."""
    found = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, errors="replace")
    return {line for line in (found.stdout + found.stderr).splitlines() if line.startswith("Error")}


def tracked(group):
    """Tracking identifier of a measurement group."""
    return next(
        str(item.TextValue)
        for item in group.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "112039"
    )


def numbers(item):
    """Every number of the content, as it is written."""
    if getattr(item, "ValueType", "") == "NUM" and item.MeasuredValueSequence:
        yield item.MeasuredValueSequence[0]["NumericValue"].value.original_string
    for child in item.get("ContentSequence", []):
        yield from numbers(child)


def items_of(group, value_type):
    return [item for item in group.ContentSequence if item.ValueType == value_type]


def check_report(path, truth):
    sr = hd.sr.srread(path)
    planar = sr.content.get_planar_roi_measurement_groups()
    others = sr.content.get_image_measurement_groups()
    print(f"SR: highdicom reads {len(planar)} regions and {len(others)} other groups")
    regions = {}
    for group in planar:
        regions[group.tracking_identifier] = group.roi.value
    for landmark in truth["landmarks"]:
        name = landmark["code"] + (f"-{landmark['side']}" if landmark["side"] else "")
        if landmark["x"] is None:
            expect(name not in regions, f"{name} is missing, yet has a region")
            continue
        x, y = np.asarray(regions[name]).ravel()[:2] - 0.5
        off = np.hypot(x - landmark["x"], y - landmark["y"])
        expect(off < 1e-3, f"{name} is {off} px off")
    hips = {group.tracking_identifier: group for group in others if group.tracking_identifier in ("Hip-R", "Hip-L", "Pelvis")}
    values = refusals = 0
    for measurement in truth["measurements"]:
        group = hips["Pelvis" if measurement["side"] is None else f"Hip-{measurement['side']}"]
        found = [
            m
            for m in group.get_measurements()
            if m.method is not None and m.method.value == measurement["definition"]
        ]
        label = f"{measurement['code']}-{measurement['side']}"
        if measurement["value"] is None:
            expect(not found, f"{label} was refused, yet has a number")
            refusals += 1
            continue
        expect(len(found) == 1, f"{label}: {len(found)} measurements of {measurement['definition']}")
        if not found:
            continue
        number = found[0]
        values += 1
        expect(abs(number.value - measurement["value"]) < 1e-9, f"{label}: {number.value} for {measurement['value']}")
        expect(number.unit.value == measurement["unit"], f"{label}: unit {number.unit.value}")
        if measurement["ci95"]:
            ranges = {
                item.ConceptNameCodeSequence[0].CodeValue: float(item.MeasuredValueSequence[0].get("FloatingPointValue", item.MeasuredValueSequence[0].NumericValue))
                for item in number[0].ContentSequence
                if item.ValueType == "NUM"
            }
            low, high = measurement["value"] - ranges["371885007"], measurement["value"] + ranges["371886008"]
            expect(abs(low - measurement["ci95"][0]) < 1e-6 and abs(high - measurement["ci95"][1]) < 1e-6, f"{label}: interval {low} to {high}")
        shapes = [item for item in number[0].ContentSequence if item.ValueType == "SCOORD"]
        expect(shapes or not measurement["reference_line"], f"{label}: no points")
    coded = sum(
        e.value.scheme_designator == "DCM" and e.value.value.startswith("1140")
        for group in hips.values()
        for e in group.get_qualitative_evaluations()
    )
    expect(coded == refusals, f"{refusals} refusals, {coded} codes of them")
    grades = 0
    for finding in truth["findings"]:
        group = hips["Pelvis" if finding["side"] is None else f"Hip-{finding['side']}"]
        found = [e for e in group.get_qualitative_evaluations() if e.name.value == finding["code"]]
        expect(len(found) == 1, f"{finding['code']}-{finding['side']}: {len(found)} evaluations")
        grades += len(found)
    print(f"SR: {values} values, {refusals} refusals, {grades} grades, {len(truth['landmarks'])} landmarks compared")


def check_masks(path, labels):
    seg = hd.seg.segread(path)
    film = seg.get_source_image_uids()[0][2]
    numbers = [n for n in seg.segment_numbers if n > 0]
    pixels = seg.get_pixels_by_source_instance([film], segment_numbers=numbers, ignore_spatial_locations=True, assert_missing_frames_are_empty=True)[0]
    for index, number in enumerate(numbers):
        name = seg.get_segment_description(number).segment_label
        value = int(name[1:])
        expect(np.array_equal(pixels[..., index].astype(bool), labels == value), f"{path.name}: {name} differs")
    print(f"{path.name}: highdicom reads {len(numbers)} segments, compared pixel by pixel")


STATE = (0x0099, 0x1001)


def check_full_document(coxa, path, out, own):
    """The report with all that a person can do put into its record, opened and written again."""
    report = pydicom.dcmread(path)
    record = json.loads(report[STATE].value)
    stamp = {"by": "Reader^Anna", "at_ms": 1767323045006}
    a = record["annotations"]
    a["notes"] = [[a["landmarks"]["points"][0][0], {"occluded": True, "touched": stamp}]]
    a["comment"] = "Συν – проверено ✓\nsee C:\\films"
    a["free"] = {
        "1": {"shape": {"length": {"a": {"x": 1 / 3, "y": 2.0}, "b": {"x": 30.0, "y": 40.0}}}, "label": "Maß – 測定"},
        "2": {"shape": {"cobb": {"first": [{"x": 0.0, "y": 0.0}, {"x": 9.0, "y": 1.0}], "second": [{"x": 0.0, "y": 9.0}, {"x": 9.0, "y": 5.0}]}}, "label": ""},
        "3": {"shape": {"circle": {"rim": [{"x": 10.0, "y": 0.0}, {"x": 20.0, "y": 10.0}, {"x": 10.0, "y": 20.0}]}}, "label": "head"},
    }
    record["review"] = {"begun": stamp, "finished": stamp, "signed": stamp, "unlocked": []}
    report[STATE].value = json.dumps(record)
    full = out / "full.sr.dcm"
    report.save_as(full)
    again = out / "again"
    subprocess.run([coxa, "export", full, "--to", "sr", "--out", again, "--overwrite"], check=True, capture_output=True)
    made = again / "full.sr.dcm"
    back = pydicom.dcmread(made)
    expect(json.loads(back[STATE].value) == record, "SR: the record differs after it was opened and written again")
    expect(back.VerificationFlag == "VERIFIED" and back.VerifyingObserverSequence[0].VerifyingObserverName == "Reader^Anna", "SR: the signature")
    groups = {g.tracking_identifier: g for g in hd.sr.srread(made).content.get_image_measurement_groups()}
    length = groups["Free-1"].get_measurements()[0]
    spacing = record["film"]["spacing"]
    want = np.hypot((30 - 1 / 3) * spacing["column"], 38 * spacing["row"])
    expect(abs(length.value - want) < 1e-9 * want, f"Free-1: {length.value} for {want}")
    new = errors(made) - own
    expect(not new, f"dciodvfy of the full document: {new}")
    html = subprocess.run(["dsr2html", str(made)], capture_output=True, text=True, errors="replace")
    expect(html.returncode == 0 and "Cobb angle" in html.stdout and "проверено" in html.stdout, f"dsr2html of the full document: {html.stderr}")
    print(f"SR: the whole document came back; notes {len(a['notes'])}, free {len(a['free'])}, signed")


def check_their_masks(coxa, path, labels, args, out):
    """A SEG of highdicom's own writer, read by coxa, written as a label map and read by highdicom."""
    film = pydicom.dcmread(path)
    for name in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime", "AccessionNumber"):
        if name not in film:  # highdicom copies them from the film, present or not
            setattr(film, name, "")
    if "FrameOfReferenceUID" not in film:
        film.FrameOfReferenceUID = pydicom.uid.generate_uid()
    concept = hd.sr.CodedConcept("91723000", "SCT", "Anatomical Structure")
    described = [
        hd.seg.SegmentDescription(
            segment_number=n, segment_label=f"L{n}", segmented_property_category=concept, segmented_property_type=concept,
            algorithm_type="MANUAL",
        )
        for n in range(1, 6)
    ]
    theirs = out / "highdicom.seg.dcm"
    for name, kind in (("binary", "BINARY"), ("fractional", "FRACTIONAL")):
        try:
            seg = hd.seg.Segmentation(
                source_images=[film], pixel_array=labels[np.newaxis], segmentation_type=kind, segment_descriptions=described,
                series_instance_uid=hd.UID(), series_number=1, sop_instance_uid=hd.UID(), instance_number=1,
                manufacturer="x", manufacturer_model_name="x", software_versions="1", device_serial_number="1",
                omit_empty_frames=False,
            )
        except Exception as error:  # a film that highdicom itself cannot refer to
            print(f"highdicom writes no {name} SEG of this film: {error}")
            return
        seg.save_as(theirs)
        command = [coxa, "export", path, "--landmarks", args.landmarks, "--masks", theirs, "--to", "labelmap", "--out", out / name, "--overwrite"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, errors="replace")
        if kind == "BINARY":
            expect(done.returncode == 0, f"SEG of highdicom: {done.stderr}")
        if done.returncode == 0:
            check_masks(out / name / f"{Path(path).stem}.labelmap.dcm", labels)
            print(f"SEG: coxa reads highdicom's {name} one")
        else:
            print(f"SEG: coxa refuses highdicom's {name} one: {done.stderr.strip()}")


def check_gsps(path, film):
    state = pydicom.dcmread(path)
    expect(state.ReferencedSeriesSequence[0].ReferencedImageSequence[0].ReferencedSOPInstanceUID == film.SOPInstanceUID, "GSPS: another film")
    layers = {layer.GraphicLayer for layer in state.GraphicLayerSequence}
    graphics = texts = 0
    for annotation in state.GraphicAnnotationSequence:
        expect(annotation.GraphicLayer in layers, f"GSPS: no layer {annotation.GraphicLayer}")
        for graphic in annotation.get("GraphicObjectSequence", []):
            points = np.reshape(graphic.GraphicData, (-1, 2))
            expect(len(points) == graphic.NumberOfGraphicPoints, "GSPS: number of points")
            graphics += 1
        texts += len(annotation.get("TextObjectSequence", []))
    print(f"GSPS: pydicom reads {len(layers)} layers, {graphics} graphics, {texts} texts")


SPACING = (0.2, 0.15)


def check_ellipses(coxa, film_path, args, out, own):
    """The presentation state of the film with pixels that are not square."""
    film = pydicom.dcmread(film_path)
    for name in ("NominalScannedPixelSpacing", "PixelAspectRatio", "PixelSpacingCalibrationType", "EstimatedRadiographicMagnificationFactor"):
        if name in film:
            delattr(film, name)
    film.PixelSpacing = film.ImagerPixelSpacing = list(SPACING)
    try:
        film.save_as(out / "oblong.dcm")
    except Exception as error:  # a film that pydicom itself cannot write
        print(f"pydicom writes no copy of this film: {error}")
        return
    points = json.loads(Path(args.landmarks).read_text())
    points.pop("spacing_mm", None)  # it would stand over the film's
    (out / "points.json").write_text(json.dumps(points))
    command = [coxa, "export", out / "oblong.dcm", "--landmarks", out / "points.json", "--to", "gsps,json", "--out", out / "oblong", "--overwrite"]
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    path = out / "oblong" / "oblong.gsps.dcm"
    new = errors(path) - own
    expect(not new, f"dciodvfy of a state with ellipses: {new}")
    state = pydicom.dcmread(path)
    truth = json.loads((out / "oblong" / "oblong.json").read_text())
    placed = [(mark["x"] + 0.5, mark["y"] + 0.5) for mark in truth["landmarks"] if mark["x"] is not None]
    rings = []
    for annotation in state.GraphicAnnotationSequence:
        for graphic in annotation.get("GraphicObjectSequence", []):
            expect(graphic.GraphicType != "CIRCLE", "GSPS: a circle on pixels that are not square")
            if graphic.GraphicType == "ELLIPSE":
                expect(graphic.NumberOfGraphicPoints == 4 and graphic.GraphicAnnotationUnits == "PIXEL", "GSPS: an ellipse has four points")
                rings.append(np.reshape(graphic.GraphicData, (4, 2)).astype(float))
    expect(len(rings) == len(placed), f"GSPS: {len(rings)} ellipses for {len(placed)} points")
    for ring in rings:
        center = ring[:2].mean(axis=0)
        expect(np.abs(ring[2:].mean(axis=0) - center).max() < 1e-3, "GSPS: the axes of an ellipse do not cross in their middles")
        expect(min(np.hypot(*(center - point)) for point in placed) < 1e-3, f"GSPS: no landmark at {center}")
        major, minor = ring[1] - ring[0], ring[3] - ring[2]
        expect(np.hypot(*major) >= np.hypot(*minor) and abs(major @ minor) < 1e-3, "GSPS: the major axis comes first, the minor across it")
        millimetres = [np.hypot(axis[0] * SPACING[1], axis[1] * SPACING[0]) for axis in (major, minor)]
        expect(abs(millimetres[0] - millimetres[1]) < 1e-3 * millimetres[0], f"GSPS: {millimetres} mm are no circle")
    print(f"GSPS: pydicom reads {len(rings)} ellipses on pixels of {SPACING[0]} x {SPACING[1]} mm, round in millimetres")


def check_film(coxa, film_path, args, out):
    targets = ["sr", "gsps", "ko", "epdf", "json"] + (["seg", "labelmap"] if args.masks else [])
    command = [coxa, "export", film_path, "--landmarks", args.landmarks, "--to", ",".join(targets), "--out", out, "--overwrite"]
    command += ["--masks", args.masks] if args.masks else []
    subprocess.run([str(part) for part in command] + args.more, check=True)
    made = {target: out / f"{film_path.stem}.{target}.dcm" for target in targets if target != "json"}
    truth = json.loads((out / f"{film_path.stem}.json").read_text())
    film = pydicom.dcmread(film_path)
    own = errors(film_path)
    check_report(made["sr"], truth)
    check_full_document(coxa, made["sr"], out, own)
    check_gsps(made["gsps"], film)
    check_ellipses(coxa, film_path, args, out, own)
    key = pydicom.dcmread(made["ko"])
    chosen = [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in key.ContentSequence if item.ValueType == "IMAGE"]
    expect(chosen == [film.SOPInstanceUID], "KO: another film")
    page = pydicom.dcmread(made["epdf"])
    expect(page.EncapsulatedDocument[: page.EncapsulatedDocumentLength].startswith(b"%PDF"), "ePDF: no PDF")
    if args.masks:
        labels = np.asarray(Image.open(args.masks))
        check_masks(made["seg"], labels)
        check_masks(made["labelmap"], labels)
        check_their_masks(coxa, film_path, labels, args, out)
    uids = []
    for target, path in made.items():
        new = {e for e in errors(path) - own if not (target == "labelmap" and ("Information Object" in e or "SegmentNumber" in e))}
        expect(not new, f"dciodvfy {target}: {new}")
        head = pydicom.dcmread(path, stop_before_pixels=True)
        same = all(head.get(name, "") == film.get(name, "") for name in ("PatientName", "StudyInstanceUID"))
        expect(same, f"{target}: another patient")
        uids += [head.SOPInstanceUID, head.SeriesInstanceUID]
    expect(len(set(uids)) == len(uids), "UIDs are used twice")
    print(f"dciodvfy: no new error in {len(made)} objects ({len(own)} of the film's own)")
    html = subprocess.run(["dsr2html", str(made["sr"])], capture_output=True, text=True, errors="replace")
    expect(html.returncode == 0, f"dsr2html: {html.stderr}")
    (out / "sr.html").write_text(html.stdout)
    expect("Research software" in html.stdout, "dsr2html: words are lost")
    lost = [value for value in numbers(pydicom.dcmread(made["sr"])) if value not in html.stdout]
    expect(not lost, f"dsr2html: values are lost: {lost}")


# Share of the width and height at which an AP pelvis has them.
POINTS = {"TRC": (0.42, 0.5), "SMA": (0.3, 0.45), "HP": (0.33, 0.55)}


def check_films(coxa, folder, args):
    """Every film below the folder that can be measured."""
    tried = taken = 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        try:
            head = pydicom.dcmread(path, stop_before_pixels=True)
            rows, columns = int(head.Rows), int(head.Columns)
        except Exception:
            continue
        with tempfile.TemporaryDirectory() as work:
            work = Path(work)
            args.landmarks, args.masks = work / "points.json", work / "masks.png"
            points = [
                {"code": code, "side": side, "x": (x if side == "R" else 1 - x) * columns, "y": y * rows, "sd_px": 1.0}
                for code, (x, y) in POINTS.items()
                for side in "RL"
            ]
            args.landmarks.write_text(json.dumps({"landmarks": points}))
            labels = (np.arange(rows * columns) // 7 % 6).astype(np.uint8).reshape(rows, columns)
            Image.fromarray(labels).save(args.masks)
            probe = [coxa, "export", path, "--landmarks", args.landmarks, "--to", "sr", "--out", work / "probe"]
            probed = subprocess.run([str(part) for part in probe], capture_output=True, text=True, errors="replace")
            tried += 1
            if probed.returncode:
                print(f"{path.name}: refused: {probed.stderr.strip().splitlines()[0]}")
                continue
            taken += 1
            before = len(FAULTS)
            print(f"== {path.relative_to(folder)}")
            try:
                check_film(coxa, path, args, work / "out")
            except Exception as error:
                expect(False, f"{path.name}: {type(error).__name__}: {error}")
            if len(FAULTS) > before:
                print(f"{path.name}: {len(FAULTS) - before} faults")
    print(f"{taken} films of {tried} that are images, {len(FAULTS)} faults")
    expect(taken > 0, "no film could be measured")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("coxa")
    parser.add_argument("film", type=Path, nargs="?")
    parser.add_argument("landmarks", type=Path, nargs="?")
    parser.add_argument("masks", type=Path, nargs="?")
    parser.add_argument("--films", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--more", nargs=argparse.REMAINDER, default=[])
    args = parser.parse_args()
    if args.films:
        check_films(args.coxa, args.films, args)
    elif args.film and args.landmarks:
        with tempfile.TemporaryDirectory() as folder:
            check_film(args.coxa, args.film, args, args.keep or Path(folder))
    else:
        parser.error("FILM and LANDMARKS, or --films")
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    main()
