#!/usr/bin/env python3
"""Times `coxa decode` against pydicom with each of its plug-ins, interleaved in one run.

    python3 tests/oracle/decode_speed.py --coxa target/release/coxa FILE...

Both read the file, decode it, and write the array to the same place in memory. Ours is a process, from which the time
of `coxa --help` is taken off; pydicom runs in this one, imported and warm. Wall and processor time, the median and
the least of --rounds; both may use every core.
"""
import argparse, os, statistics, subprocess, tempfile, time, warnings
import numpy as np
import pydicom
from pydicom.pixels import get_decoder, pixel_array

warnings.simplefilter("ignore")


def times(work):
    """Wall and processor seconds of `work` and the processes that it waits for."""
    wall, before = time.perf_counter(), os.times()
    work()
    wall, after = time.perf_counter() - wall, os.times()
    return wall, sum(after[:4]) - sum(before[:4])


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
    nothing = [times(lambda: run("--help")) for _ in range(args.rounds)]
    start = [statistics.median(column) for column in zip(*nothing)]
    print(f"{'file':<12}{'decoder':<14}{'ms':>8}{'least':>8}{'cpu ms':>8}{'least':>8}{'coxa / it':>11}")
    for path in args.files:
        names = plugins(pydicom.dcmread(path, specific_tags=[]).file_meta.TransferSyntaxUID)
        taken = {name: [] for name in ["coxa", *names]}

        def theirs(name):
            np.save(out, pixel_array(pydicom.dcmread(path), decoding_plugin=name).astype(np.int32))

        for _ in range(args.rounds):
            ours = times(lambda: run("decode", path, "--stage", "stored", "--out", out))
            taken["coxa"].append([total - idle for total, idle in zip(ours, start)])
            for name in [name for name in taken if name != "coxa"]:
                try:
                    taken[name].append(times(lambda: theirs(name)))
                except Exception:  # a plug-in that cannot decode this file is no rival
                    del taken[name]
        mine = statistics.median(wall for wall, _ in taken["coxa"])
        for name, rounds in taken.items():
            wall, cpu = ([1e3 * value for value in column] for column in zip(*rounds))
            median = statistics.median(wall)
            print(f"{os.path.basename(path):<12}{name or 'native':<14}{median:8.1f}{min(wall):8.1f}"
                  f"{statistics.median(cpu):8.1f}{min(cpu):8.1f}{1e3 * mine / median:11.2f}", flush=True)
    os.remove(out)


if __name__ == "__main__":
    main()
