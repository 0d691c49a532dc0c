#!/usr/bin/env python3
"""Compares `coxa decode` with pydicom, file by file, in all three stages.

    python3 tests/oracle/decode_pydicom.py --coxa target/release/coxa FOLDER_OR_FILE...

Needs pydicom >= 3, numpy, pylibjpeg with its plugins, pyjpegls. Prints one line for every difference with the
reason for it, then the counts. Exit status 1 where a difference has no reason, or a file panics, takes more than
--seconds or more than --mebibytes.
"""
import argparse, collections, os, subprocess, sys, tempfile, time, warnings
import numpy as np
import pydicom
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut, pixel_array

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = 0
LOSSY = {"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.81"}


def run(coxa, path, stage, frame, out, limit):
    """Array or None, the error line, seconds, peak MiB."""
    if os.path.exists(out):
        os.remove(out)
    start = time.monotonic()
    command = [coxa, "decode", path, "--frame", str(frame), "--stage", stage, "--out", out]
    with open(os.devnull) as nothing, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdin=nothing, stdout=errors, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        errors.seek(0)
        text = errors.read().strip()
    array = np.load(out) if status == 0 else None
    return array, text, time.monotonic() - start, usage.ru_maxrss / 1024, status


def read(path):
    """The data set, with a guessed transfer syntax where it names none."""
    ds = pydicom.dcmread(path, force=True)
    if not getattr(ds, "file_meta", None) or "TransferSyntaxUID" not in ds.file_meta:
        implicit, little = ds.original_encoding
        ds.file_meta = pydicom.dataset.FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = (
            pydicom.uid.ImplicitVRLittleEndian if implicit
            else pydicom.uid.ExplicitVRLittleEndian if little else pydicom.uid.ExplicitVRBigEndian)
    return ds


def luma(rgb):
    rgb = rgb.astype(np.float64)
    return np.floor(0.299 * rgb[..., 0] + 0.587 * rgb[..., 1] + 0.114 * rgb[..., 2] + 0.5)


def stored(ds, frame):
    """Stored values as one channel, and what kind they were."""
    array = pixel_array(ds, index=frame - 1)
    if ds.PhotometricInterpretation == "PALETTE COLOR":
        rgb = apply_color_lut(array, ds)
        return luma(rgb if rgb.max() < 256 else rgb >> 8), "palette"
    if array.ndim == 3:
        return luma(array), "colour"
    return array, "grey"


def functional_groups(ds, frame):
    """The attributes of the frame's macros, which pydicom's transforms look for at the top level."""
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        items = ds.get(name) or []
        item = items[0] if name.startswith("Shared") and items else items[frame - 1] if len(items) >= frame else None
        for macro in ("PixelValueTransformationSequence", "FrameVOILUTSequence"):
            if item is not None and item.get(macro):
                for element in item[macro].value[0]:
                    ds[element.tag] = element
    return ds


def grey_of(values, ds):
    """pydicom's VOI output scaled to 0-255 by the range that it maps to."""
    shown = apply_voi_lut(values, ds).astype(np.float64)
    if "VOILUTSequence" in ds:
        low, high = 0, 2 ** ds.VOILUTSequence[0].LUTDescriptor[2] - 1
    elif "ModalityLUTSequence" in ds:
        low, high = 0, 2 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
    else:
        bits, signed = ds.BitsStored, ds.PixelRepresentation == 1
        low, high = (-2 ** (bits - 1), 2 ** (bits - 1) - 1) if signed else (0, 2 ** bits - 1)
        if ds.get("RescaleSlope") is not None:
            low, high = (v * ds.RescaleSlope + ds.RescaleIntercept for v in (low, high))
    grey = (shown - low) / (high - low) * 255
    return 255 - grey if ds.PhotometricInterpretation == "MONOCHROME1" else grey


def reason(ds, kind, difference):
    """Why a difference of this size is right; empty where nobody knows."""
    syntax = ds.file_meta.TransferSyntaxUID
    if kind != "grey" and difference <= 1:
        return "luma of colour: rounded once by us, twice by the reference"
    if syntax in LOSSY and kind == "grey" and difference <= 1:
        return "lossy: another inverse DCT, within 1"
    if syntax in LOSSY and kind == "colour" and difference <= 2:
        return "lossy colour: the reference replicates subsampled chroma, our decoder interpolates it"
    if ds.BitsAllocated == 32 and ds.PixelRepresentation == 0:
        return "32 unsigned bits: above 2147483647 clipped, with a warning"
    if "YBR" in ds.PhotometricInterpretation and difference <= 2:
        return "YBR: we keep the luma that is stored, the reference goes through clipped RGB"
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coxa", default="target/release/coxa")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--mebibytes", type=float, default=1024)
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    files = [os.path.join(folder, name) for path in args.paths if os.path.isdir(path)
             for folder, _, names in sorted(os.walk(path)) for name in sorted(names)]
    files += [path for path in args.paths if not os.path.isdir(path)]
    counts, unexplained = collections.Counter(), 0

    def tell(verdict, path, why, bad=False):
        nonlocal unexplained
        counts[verdict] += 1
        unexplained += bad
        print(f"{'!!' if bad else '  '} {verdict:<18} {path}: {why}", flush=True)

    out = tempfile.mktemp(suffix=".npy")
    for path in files:
        ours, text, seconds, memory, status = run(args.coxa, path, "stored", 1, out, args.seconds)
        if seconds > args.seconds or memory > args.mebibytes:
            tell("too dear", path, f"{seconds:.1f} s, {memory:.0f} MiB", True)
        if os.WIFSIGNALED(status) or "panicked" in text or "gave up" in text:
            tell("panic", path, text.splitlines()[0] if text else status, True)
        try:
            ds = read(path)
            reference, kind = stored(ds, 1)
            ds = functional_groups(ds, 1)
            failure = None
        except Exception as error:  # whatever the reference cannot read is its verdict
            reference, failure = None, f"{type(error).__name__}: {error}".splitlines()[0][:90]
        if ours is None and reference is None:
            counts["neither reads"] += 1
            continue
        if ours is None:
            line = (text.splitlines() or ["no message"])[-1].replace(path, "").lstrip("coxa: ")
            tell("only pydicom", path, line, "holds no image but" not in line)
            continue
        if reference is None:
            tell("only coxa", path, f"pydicom: {failure}")
            continue
        if reference.shape != ours.shape:
            tell("shape", path, f"{ours.shape}, pydicom {reference.shape}", True)
            continue
        difference = np.abs(reference.astype(np.float64) - ours).max()
        if difference > 0:
            why = reason(ds, kind, difference)
            tell("stored differs", path, f"by {difference:.0f}: {why or 'not explained'}", not why)
        else:
            counts["stored equal"] += 1
        if kind != "grey" or difference > 1:
            continue
        try:
            reference = apply_modality_lut(pixel_array(ds, index=0), ds)
            ours = run(args.coxa, path, "modality", 1, out, args.seconds)[0]
            wrong = np.abs(reference - ours).max() - difference * abs(float(ds.get("RescaleSlope") or 1))
            if wrong > 1e-6 * max(1.0, np.abs(reference).max()):
                tell("modality differs", path, f"by {wrong}: not explained", True)
            else:
                counts["modality equal"] += 1
            if "VOILUTSequence" not in ds and not ds.get("WindowWidth"):
                continue
            ours = run(args.coxa, path, "display", 1, out, args.seconds)[0]
            wrong = np.abs(grey_of(reference, ds) - ours).max()
            if wrong > 1 and difference == 0:
                tell("display differs", path, f"by {wrong:.1f}: not explained", True)
            else:
                counts["display within 1"] += 1
        except Exception as error:
            tell("reference failed", path, f"{type(error).__name__}: {error}"[:120])
    print("\n".join(f"{count:6} {verdict}" for verdict, count in sorted(counts.items())))
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
