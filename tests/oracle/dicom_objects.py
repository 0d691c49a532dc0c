"""What others read of the objects of `coxa export`: highdicom, pydicom, dciodvfy (dicom3tools), dsr2html (DCMTK).

    python3 dicom_objects.py COXA FILM LANDMARKS [MASKS] [--keep DIR]

Writes every DICOM object of FILM with `coxa export`, then compares
  - the SR: highdicom opens it; every landmark to 1e-3 px and every value and interval with the JSON of the same points,
    every refusal without a number;
  - the SEG and the label map: highdicom opens them; every pixel with MASKS;
  - the GSPS, KO and encapsulated PDF: pydicom opens them; references, layers, the PDF's bytes;
  - each: `dciodvfy` finds no error that the film itself has not; `dsr2html` renders the reports.
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

FAULTS = []


def expect(condition, message):
    if not condition:
        FAULTS.append(message)
        print("DIFFERS", message)


def errors(path):
    """Errors of dciodvfy. It knows no label maps, and no private designators (a warning)."""
    found = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True)
    return {line for line in (found.stdout + found.stderr).splitlines() if line.startswith("Error")}


def tracked(group):
    """Tracking identifier of a measurement group."""
    return next(
        str(item.TextValue)
        for item in group.ContentSequence
        if item.ConceptNameCodeSequence[0].CodeValue == "112039"
    )


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("coxa")
    parser.add_argument("film", type=Path)
    parser.add_argument("landmarks", type=Path)
    parser.add_argument("masks", type=Path, nargs="?")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--more", nargs=argparse.REMAINDER, default=[])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = args.keep or Path(folder)
        targets = ["sr", "gsps", "ko", "epdf", "json"] + (["seg", "labelmap"] if args.masks else [])
        command = [args.coxa, "export", args.film, "--landmarks", args.landmarks, "--to", ",".join(targets), "--out", out, "--overwrite"]
        command += ["--masks", args.masks] if args.masks else []
        subprocess.run([str(part) for part in command] + args.more, check=True)
        made = {target: out / f"{args.film.stem}.{target}.dcm" for target in targets if target != "json"}
        truth = json.loads((out / f"{args.film.stem}.json").read_text())
        film = pydicom.dcmread(args.film)
        check_report(made["sr"], truth)
        check_gsps(made["gsps"], film)
        key = pydicom.dcmread(made["ko"])
        chosen = [item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID for item in key.ContentSequence if item.ValueType == "IMAGE"]
        expect(chosen == [film.SOPInstanceUID], "KO: another film")
        page = pydicom.dcmread(made["epdf"])
        expect(page.EncapsulatedDocument[: page.EncapsulatedDocumentLength].startswith(b"%PDF"), "ePDF: no PDF")
        if args.masks:
            from PIL import Image

            labels = np.asarray(Image.open(args.masks))
            check_masks(made["seg"], labels)
            check_masks(made["labelmap"], labels)
        own = errors(args.film)
        uids = []
        for target, path in made.items():
            new = {e for e in errors(path) - own if not (target == "labelmap" and ("Information Object" in e or "SegmentNumber" in e))}
            expect(not new, f"dciodvfy {target}: {new}")
            head = pydicom.dcmread(path, stop_before_pixels=True)
            expect(head.PatientName == film.PatientName and head.StudyInstanceUID == film.StudyInstanceUID, f"{target}: another patient")
            uids += [head.SOPInstanceUID, head.SeriesInstanceUID]
        expect(len(set(uids)) == len(uids), "UIDs are used twice")
        print(f"dciodvfy: no new error in {len(made)} objects ({len(own)} of the film's own)")
        html = subprocess.run(["dsr2html", str(made["sr"])], capture_output=True, text=True)
        expect(html.returncode == 0, f"dsr2html: {html.stderr}")
        (out / "sr.html").write_text(html.stdout)
        expect("Research software" in html.stdout and "Acetabular angle" in html.stdout, "dsr2html: words are lost")
    sys.exit(1 if FAULTS else 0)


if __name__ == "__main__":
    main()
