#!/usr/bin/env python3
"""Times `coxa decode` against pydicom with each of its plug-ins, interleaved in one run.

    python3 tests/oracle/decode_speed.py --coxa target/release/coxa FILE...

Ours is a process: the time of `coxa --help` is taken off, reading the file and writing the array are not. pydicom's
is `pixel_array` in this process, the file read before. Medians of --rounds; both may use every core.
"""
import argparse, os, statistics, subprocess, tempfile, time, warnings
import pydicom
from pydicom.pixels import get_decoder, pixel_array

warnings.simplefilter("ignore")


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def plugins(syntax):
    try:
        return list(get_decoder(syntax).available_plugins) or [""]
    except NotImplementedError:
        return [""]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coxa", default="target/release/coxa")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    out = tempfile.mktemp(suffix=".npy", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    run = lambda *command: subprocess.run([args.coxa, *command], check=True, capture_output=True)
    print(f"{'file':<24}{'coxa ms':>9}{'pydicom ms':>12}{'ratio':>7}  plug-in")
    for path in args.files:
        ds = pydicom.dcmread(path)
        names = plugins(ds.file_meta.TransferSyntaxUID)
        times = {name: [] for name in names}
        ours, nothing = [], []
        for _ in range(args.rounds):
            nothing.append(seconds(lambda: run("--help")))
            ours.append(seconds(lambda: run("decode", path, "--stage", "stored", "--out", out)))
            for name in list(times):
                try:
                    times[name].append(seconds(lambda: pixel_array(ds, decoding_plugin=name)))
                except Exception:  # a plug-in that cannot decode this file is no rival
                    del times[name]
        mine = statistics.median(ours) - statistics.median(nothing)
        if times:
            name, theirs = min(((n, statistics.median(t)) for n, t in times.items()), key=lambda pair: pair[1])
            print(f"{os.path.basename(path):<24}{mine * 1e3:9.0f}{theirs * 1e3:12.0f}{mine / theirs:7.2f}  {name or 'native'}")
        else:
            print(f"{os.path.basename(path):<24}{mine * 1e3:9.0f}{'fails':>12}")
    os.remove(out)


if __name__ == "__main__":
    main()
