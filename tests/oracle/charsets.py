"""Texts of pydicom's files of character sets, as pydicom decodes them.

    python3 tests/oracle/charsets.py DATA/dicom/pydicom/charset_files > tests/oracle/charsets.json

Each file has the path of each text (tags and item numbers, separated by slashes) and its values.
"""

import json
import sys
from pathlib import Path

import pydicom
from pydicom.sequence import Sequence

TEXTS = {"PN", "LO", "SH", "ST", "LT", "UT", "UC"}


def texts(dataset, prefix=""):
    """Path and values of every text, sequences entered."""
    for element in dataset:
        tag = f"{prefix}{element.tag.group:04X}{element.tag.element:04X}"
        if element.VR == "SQ":
            for index, item in enumerate(Sequence(element.value)):
                yield from texts(item, f"{tag}/{index}/")
        elif element.VR in TEXTS and not element.tag.is_private and element.value:
            values = [element.value] if element.VM <= 1 else list(element.value)
            yield tag, [str(value) for value in values]


def main(folder):
    known = {}
    for path in sorted(Path(folder).glob("*.dcm")):
        dataset = pydicom.dcmread(path)
        dataset.decode()
        known[path.name] = dict(texts(dataset))
    json.dump(known, sys.stdout, ensure_ascii=False, indent=0, sort_keys=True)
    print()


if __name__ == "__main__":
    main(sys.argv[1])
