"""Small checkpoints as PyTorch writes them: every element type, views, wrappers, metadata; zip and the older stream.

needs: torch, numpy; for whole networks also torchvision and segmentation-models-pytorch
usage: python3 tests/oracle/checkpoints.py        (writes tests/oracle/checkpoints/*.pth, which tests/checkpoints.rs reads)
       python3 tests/oracle/checkpoints.py DIR    (writes whole networks with weights by formula, for its ignored test)
"""

import collections
import pathlib
import sys
import zipfile

import numpy as np
import torch

FOLDER = pathlib.Path(__file__).parent / "checkpoints"


def networks(folder):
    """torchvision's and segmentation_models_pytorch's, in both forms of file."""
    import segmentation_models_pytorch as smp
    import torchvision

    sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "benches"))
    from reference import values

    folder.mkdir(parents=True, exist_ok=True)
    for name, module in [
        ("resnet18", torchvision.models.resnet18(weights=None)),
        ("resnet34", torchvision.models.resnet34(weights=None)),
        ("unet_resnet18", smp.Unet("resnet18", encoder_weights=None, in_channels=1, classes=3)),
        ("unet_plus_plus_resnet18", smp.UnetPlusPlus("resnet18", encoder_weights=None, in_channels=1, classes=3)),
    ]:
        with torch.no_grad():
            for key, tensor in [*module.named_parameters(), *module.named_buffers()]:
                if tensor.dim():
                    tensor.copy_(torch.from_numpy(values(key, list(tensor.shape))))
        torch.save(module.state_dict(), folder / f"{name}.pth")
        wrapped = {"state_dict": torch.nn.DataParallel(module).state_dict(), "epoch": 1}
        torch.save(wrapped, folder / f"{name}_stream.pth", _use_new_zipfile_serialization=False)


if len(sys.argv) > 1:
    networks(pathlib.Path(sys.argv[1]))
    sys.exit()

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
