#!/usr/bin/env python3
"""De-identifies every file and searches the result for what identified it; checks it with dciodvfy.

    python3 tests/oracle/deidentify.py --coxa target/release/coxa FOLDER_OR_FILE...

Needs pydicom >= 3 and dciodvfy (Debian's dicom3tools). Identifiers are, at every level and in the file meta group:
names of persons; IDs, texts and dates of the patient; accession and study numbers; institutions, stations and
devices; UIDs of instances; texts of private attributes. One that the original also has where machines, codes and
measures are cannot be told from those and is counted. Exit status 1 where an identifier is left, dciodvfy finds an
error that the original has not (it cannot read deflated ones: their plain form is asked), or stored values change.
"""
import argparse, collections, os, re, subprocess, sys, tempfile, warnings
import pydicom
from pydicom.tag import Tag

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = 0
SHORTEST = 5
PLACES = {Tag(tag) for tag in (0x00080050, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00200010, 0x00181000)}
MACHINES = {Tag(tag) for tag in (0x00080008, 0x00080070, 0x00080100, 0x00080104, 0x00081090, 0x00180024, 0x00181020, 0x00181030, 0x00189005)}
CLASSES = {Tag(tag) for tag in (0x00080016, 0x00020002, 0x00020010, 0x00081150, 0x0008010C, 0x00080117)}


def elements(dataset):
    for element in dataset:
        yield element
        if element.VR == "SQ":
            for item in element.value or []:
                yield from elements(item)


def identifiers(dataset):
    """Texts that must not be in the result."""
    found = set()
    for element in [*elements(dataset.file_meta), *elements(dataset)]:
        tag, vr = element.tag, element.VR
        values = element.value if isinstance(element.value, pydicom.multival.MultiValue) else [element.value]
        texts = [str(value).strip(" \0") for value in values if value is not None and vr != "SQ"]
        if vr == "PN":
            texts = [part for text in texts for part in re.split(r"[\^=]", text)] + texts
        of_patient = tag.group == 0x10 and vr in ("LO", "SH", "DA", "LT")
        date = vr in ("DA", "DT") and tag.group in (0x08, 0x10, 0x40)
        uid = vr == "UI" and tag not in CLASSES and tag.group != 2 or tag == Tag(0x00020003)
        private = tag.is_private and vr in ("LO", "SH", "LT", "ST", "UT", "PN", "DA") and not tag.is_private_creator
        if vr == "PN" or of_patient or date or uid or private or tag in PLACES:
            found.update(text for text in texts if len(text) >= SHORTEST)
    return {text for text in found if not text.startswith("1.2.840.10008.")}


def of_machines(dataset):
    """What the original says of machines, and its numbers, as one text."""
    public = (element for element in elements(dataset) if not element.tag.is_private)
    kept = (element for element in public if element.tag in MACHINES or element.VR in ("DS", "IS", "CS"))
    return "\\".join(str(element.value) for element in kept)


def occurs(text, within):
    word = r"(?<![A-Za-z0-9._])" + re.escape(text) + r"(?![A-Za-z0-9._])"
    return re.search(word.encode("utf-8", "replace") if isinstance(within, bytes) else word, within)


def complaints(path):
    """Errors of dciodvfy; UIDs change, so they are all one."""
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True, errors="replace")
    lines = (re.sub(r"(<|UID )[0-9.]+>?", "UID", line) for line in done.stderr.splitlines())
    lines = collections.Counter(line for line in lines if line.startswith("Error"))
    if "Error - Dicom dataset read failed" in lines:
        with tempfile.NamedTemporaryFile() as plain:
            dataset = pydicom.dcmread(path)
            dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
            dataset.save_as(plain.name, implicit_vr=False, little_endian=True)
            del lines["Error - Dicom dataset read failed"]
            lines |= complaints(plain.name)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coxa", default="target/release/coxa")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    files = [os.path.join(folder, name) for path in args.paths if os.path.isdir(path)
             for folder, _, names in sorted(os.walk(path)) for name in sorted(names)]
    files += [path for path in args.paths if not os.path.isdir(path)]
    counts, bad = collections.Counter(), 0
    folder = tempfile.mkdtemp()
    out, before, after = (os.path.join(folder, name) for name in ("out.dcm", "before.npy", "after.npy"))
    coxa = lambda *command: subprocess.run([args.coxa, *command], capture_output=True, text=True)
    for path in files:
        if os.path.exists(out):
            os.remove(out)
        done = coxa("deidentify", path, out)
        if "panicked" in done.stderr or done.returncode < 0:
            bad += 1
            print("!! panic             ", path, done.stderr[:200])
        if not os.path.exists(out):
            reason = (done.stderr.splitlines() or [""])[-1].replace(path, "").removeprefix("coxa: ").lstrip(": ")
            kind = re.sub(r"[0-9A-F]{2,}|\d+", "#", reason)[:70]
            counts[f"refused: {kind}"] += 1
            continue
        counts["written"] += 1
        counts["warned of text"] += "text" in done.stderr or "annotations" in done.stderr
        clean = open(out, "rb").read()
        try:
            original = pydicom.dcmread(path, force=True)
            secrets, machines = sorted(identifiers(original)), of_machines(original)
            new = complaints(out) - complaints(path)
        except Exception as error:  # what the reference cannot read it cannot judge
            counts[f"reference failed: {type(error).__name__}"] += 1
            continue
        for text in (text for text in secrets if occurs(text, clean)):
            if occurs(text, machines):
                counts["also of machines"] += 1
            else:
                bad += 1
                print("!! left              ", path, repr(text), flush=True)
        for line in new:
            bad += 1
            print("!! dciodvfy          ", path, line, flush=True)
        for source, array in ((path, before), (out, after)):
            coxa("decode", source, "--stage", "stored", "--out", array)
        if os.path.exists(before) and open(before, "rb").read() != open(after, "rb").read():
            bad += 1
            print("!! pixels changed    ", path, flush=True)
        for array in (before, after):
            if os.path.exists(array):
                os.remove(array)
    print("\n".join(f"{count:6} {what}" for what, count in sorted(counts.items())))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
