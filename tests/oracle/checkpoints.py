"""Small checkpoints as PyTorch writes them: every element type, views, wrappers, metadata; zip and the older stream.

needs: torch, numpy
usage: python3 tests/oracle/checkpoints.py        (writes tests/oracle/checkpoints/*.pth, which tests/checkpoints.rs reads)
"""

import collections
import pathlib
import zipfile

import numpy as np
import torch

FOLDER = pathlib.Path(__file__).parent / "checkpoints"

ramp = torch.arange(24.0).reshape(4, 6)
kinds = {
    "f64": ramp.double() / 7,
    "f32": ramp,
    "f16": ramp.half() / 8,
    "bf16": ramp.bfloat16() / 8,
    "i64": ramp.long() - 5,
    "i32": ramp.int() - 5,
    "i16": ramp.short() - 5,
    "i8": ramp.to(torch.int8) - 5,
    "u8": ramp.byte(),
    "bool": ramp > 7,
    "transposed": ramp.t(),
    "window": ramp[1:, 1::2],
    "same": ramp,
    "number": torch.tensor(7),
    "empty": torch.zeros(0, 3),
    "parameter": torch.nn.Parameter(ramp + 0.5),
    "bn.num_batches_tracked": torch.tensor(3),
}
state = collections.OrderedDict((f"module._orig_mod.{name}", tensor) for name, tensor in kinds.items())
state._metadata = {"": {"version": 2}}  # modules attach it as an attribute: it is no entry
training = {
    "state_dict": state,
    "epoch": 3,
    "best": np.float64(0.25),
    "count": np.int64(-4),
    "array": np.arange(3),
    "shape": ramp.shape,
    "dtype": torch.float32,
    "device": torch.device("cpu"),
    "optimizer": {"state": {0: {"momentum_buffer": ramp * 2}}, "param_groups": [{"lr": 0.01, "params": [0]}]},
}
FOLDER.mkdir(exist_ok=True)
torch.save(training, FOLDER / "kinds.pth")
torch.save(training, FOLDER / "kinds_stream.pth", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 1), FOLDER / "whole_module.pth")
torch.save(training, FOLDER / "protocol_4.pth", pickle_protocol=4)

# The same with storages deflated, as torch never writes them.
with zipfile.ZipFile(FOLDER / "kinds.pth") as plain, \
        zipfile.ZipFile(FOLDER / "deflated.pth", "w", zipfile.ZIP_DEFLATED) as deflated:
    for name in plain.namelist():
        deflated.writestr(name, plain.read(name))
