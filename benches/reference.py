"""Runs a graph of `coxa bench` with ONNX Runtime or PyTorch: same steps, same weights, by the same formula.

usage: reference.py onnxruntime|torch CASE.json      (started by `coxa bench`, which talks to it line by line)

It answers {"ready": version} or {"missing": reason}; then to `run` {"ms": time}, to `output FILE` {"written": count}
(32-bit floats, little endian) and to `peak` {"peak_bytes": n}; it ends with its input.
"""

import json
import math
import os
import sys
import time

import numpy as np


def values(name, shape):
    """The formula of src/models/bench/formula.rs."""
    fan_in = math.prod(shape[1:])
    last = name.rsplit(".", 1)[-1]
    if last == "weight" and len(shape) in (2, 4):
        centre, width = 0.0, math.sqrt(24.0 / fan_in)
    elif last in ("weight", "running_var"):
        centre, width = 1.0, 0.5
    elif last in ("bias", "running_mean"):
        centre, width = 0.0, 0.2
    else:
        centre, width = 0.0, math.sqrt(12.0)
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = np.arange(math.prod(shape), dtype=np.uint32) * np.uint32(0x9E3779B1) ^ np.uint32(seed)
    x = (x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B)
    x = x ^ (x >> np.uint32(16))
    uniform = x.astype(np.float64) / 0xFFFFFFFF - 0.5
    return (centre + width * uniform).astype(np.float32).reshape(shape)


def parameters(step):
    """Names and values of the parameters of a step, short names first."""
    channels, op = step["channels"], step["op"]
    shapes = {}
    if op == "convolution":
        shapes["weight"] = [channels, step["inputs"], step["size"], step["size"]]
        if step["bias"]:
            shapes["bias"] = [channels]
    elif op == "transposed_convolution":
        shapes["weight"] = [step["inputs"], channels, step["stride"], step["stride"]]
        shapes["bias"] = [channels]
    elif op.endswith("_norm"):
        shapes["weight"] = shapes["bias"] = [channels]
        if op == "batch_norm":
            shapes["running_mean"] = shapes["running_var"] = [channels]
    return {name: values(f"{step['name']}.{name}", shape) for name, shape in shapes.items()}


class OnnxRuntime:
    """The graph as ONNX, opset 18, with every optimisation that ONNX Runtime has."""

    def __init__(self, case):
        import onnxruntime

        if case["target"]:
            raise ImportError("training is not for ONNX Runtime")
        self.version = onnxruntime.__version__
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = case["threads"]
        options.inter_op_num_threads = 1
        model = onnx_model(case["graph"]).SerializeToString()
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.input = values("input", case["graph"]["input"])

    def run(self):
        (self.output,) = self.session.run(None, {"v0": self.input})


def onnx_model(graph):
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(array, name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    for index, step in enumerate(graph["steps"], 1):
        op, out = step["op"], f"v{index}"
        given = [f"v{value}" for value in step["from"]]
        weights = parameters(step)
        named = {name: constant(f"{out}.{name}", array) for name, array in weights.items()}
        if op == "convolution":
            pads, strides = [step["padding"]] * 4, [step["stride"]] * 2
            node("Conv", given + list(named.values()), out, pads=pads, strides=strides,
                 kernel_shape=[step["size"]] * 2)
        elif op == "transposed_convolution":
            node("ConvTranspose", given + list(named.values()), out, strides=[step["stride"]] * 2)
        elif op == "batch_norm":
            order = ["weight", "bias", "running_mean", "running_var"]
            node("BatchNormalization", given + [named[name] for name in order], out, epsilon=1e-5)
        elif op == "instance_norm":
            node("InstanceNormalization", given + [named["weight"], named["bias"]], out, epsilon=1e-5)
        elif op == "group_norm":
            # As PyTorch's exporter writes it.
            groups, channels = step["groups"], step["channels"]
            node("Shape", given, f"{out}.shape")
            node("Reshape", given + [constant(f"{out}.flat", np.array([0, groups, -1]))], f"{out}.a")
            one = constant(f"{out}.one", np.ones(groups, np.float32))
            zero = constant(f"{out}.zero", np.zeros(groups, np.float32))
            node("InstanceNormalization", [f"{out}.a", one, zero], f"{out}.b", epsilon=1e-5)
            node("Reshape", [f"{out}.b", f"{out}.shape"], f"{out}.c")
            scale = constant(f"{out}.scale", weights["weight"].reshape(channels, 1, 1))
            shift = constant(f"{out}.shift", weights["bias"].reshape(channels, 1, 1))
            node("Mul", [f"{out}.c", scale], f"{out}.d")
            node("Add", [f"{out}.d", shift], out)
        elif op == "rectifier":
            if step["slope"] == 0:
                node("Relu", given, out)
            else:
                node("LeakyRelu", given, out, alpha=step["slope"])
        elif op == "max_pool":
            node("MaxPool", given, out, kernel_shape=[step["size"]] * 2, strides=[step["stride"]] * 2,
                 pads=[step["padding"]] * 4)
        elif op == "average_pool":
            node("AveragePool", given, out, kernel_shape=[step["size"]] * 2, strides=[step["size"]] * 2)
        elif op in ("nearest", "bilinear"):
            twice = constant(f"{out}.scales", np.array([1, 1, 2, 2], np.float32))
            how = (dict(mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric")
                   if op == "nearest" else dict(mode="linear", coordinate_transformation_mode="half_pixel"))
            node("Resize", given + ["", twice], out, **how)
        elif op == "add":
            node("Add", given, out)
        elif op == "concatenate":
            node("Concat", given, out, axis=1)
        else:
            raise ValueError(f"no such step: {op}")
    value = helper.make_tensor_value_info
    last = f"v{len(graph['steps'])}"
    body = helper.make_graph(nodes, "graph", [value("v0", TensorProto.FLOAT, graph["input"])],
                             [value(last, TensorProto.FLOAT, None)], constants)
    return helper.make_model(body, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


class Torch:
    """The graph as a module: inference channels last, as is fastest, or training steps with AdamW."""

    def __init__(self, case):
        import torch

        self.torch, self.version = torch, torch.__version__
        torch.set_num_threads(case["threads"])
        graph = case["graph"]
        self.steps = [(torch_layer(step), step["from"]) for step in graph["steps"]]
        modules = torch.nn.ModuleList([layer for layer, _ in self.steps])
        self.input = torch.from_numpy(values("input", graph["input"]))
        self.training = bool(case["target"])
        modules.train(self.training)
        if self.training:
            self.target = torch.from_numpy(values("target", case["target"]))
            parameters = [p for p in modules.parameters() if p.requires_grad]
            self.optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.01)
        else:
            modules.to(memory_format=torch.channels_last)
            self.input = self.input.to(memory_format=torch.channels_last)
        self.last_use = {value: index for index, (_, given) in enumerate(self.steps) for value in given}

    def forward(self):
        held = {0: self.input}
        for index, (layer, given) in enumerate(self.steps):
            y = layer(*[held[value] for value in given])
            held = {value: x for value, x in held.items() if self.last_use[value] > index}
            held[index + 1] = y
        return y

    def run(self):
        if not self.training:
            with self.torch.inference_mode():
                self.output = self.forward().contiguous().numpy()
            return
        self.optimiser.zero_grad()
        loss = self.torch.nn.functional.mse_loss(self.forward(), self.target)
        loss.backward()
        self.optimiser.step()
        self.output = loss.detach().numpy().reshape(1)


def torch_layer(step):
    import torch
    from torch import nn

    op, channels = step["op"], step["channels"]
    if op == "convolution":
        layer = nn.Conv2d(step["inputs"], channels, step["size"], step["stride"], step["padding"], bias=step["bias"])
    elif op == "transposed_convolution":
        layer = nn.ConvTranspose2d(step["inputs"], channels, step["stride"], step["stride"])
    elif op == "batch_norm":
        layer = nn.BatchNorm2d(channels)
    elif op == "instance_norm":
        layer = nn.InstanceNorm2d(channels, affine=True)
    elif op == "group_norm":
        layer = nn.GroupNorm(step["groups"], channels)
    elif op == "rectifier":
        return nn.LeakyReLU(step["slope"], inplace=True) if step["slope"] else nn.ReLU(inplace=True)
    elif op == "max_pool":
        return nn.MaxPool2d(step["size"], step["stride"], step["padding"])
    elif op == "average_pool":
        return nn.AvgPool2d(step["size"])
    elif op == "nearest":
        return nn.UpsamplingNearest2d(scale_factor=2)
    elif op == "bilinear":
        return nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
    else:
        class Join(nn.Module):
            def forward(self, a, b):
                return a + b if op == "add" else torch.cat([a, b], 1)

        return Join()
    with torch.no_grad():
        for name, array in parameters(step).items():
            getattr(layer, name).copy_(torch.from_numpy(array))
    return layer


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            line = next(line for line in status if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    except OSError:
        return None


def main():
    engine_name, path = sys.argv[1:]
    # Libraries that print would break the conversation.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def answer(**fields):
        print(json.dumps(fields), file=answers)

    with open(path, encoding="utf-8") as file:
        case = json.load(file)
    try:
        engine = {"onnxruntime": OnnxRuntime, "torch": Torch}[engine_name](case)
    except ImportError as error:
        answer(missing=str(error))
        return
    answer(ready=engine.version)
    for line in sys.stdin:
        command, *rest = line.rstrip("\n").split(" ", 1)
        if command == "run":
            start = time.perf_counter()
            engine.run()
            answer(ms=(time.perf_counter() - start) * 1e3)
        elif command == "output":
            engine.output.astype("<f4").tofile(rest[0])
            answer(written=int(engine.output.size))
        elif command == "peak":
            answer(peak_bytes=peak_bytes())


if __name__ == "__main__":
    main()
