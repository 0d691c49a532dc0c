"""nnU-Net v2 itself on simulated data: what it plans, how it preprocesses, its loss, a trained folder and its predictions.

needs: nnunetv2 (2.8), torch, numpy, scikit-image
usage: python3 tests/oracle/nnunet.py                (writes tests/oracle/nnunet/, which tests/nnunet.rs reads)
       python3 tests/oracle/nnunet.py predictions    (only these, of the model that is there)
"""

import functools
import json
import math
import os
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
OUT = HERE / "nnunet"
# Worker processes import this file again and find the folder that was made.
WORK = pathlib.Path(os.environ.setdefault("NNUNET_ORACLE", "") or tempfile.mkdtemp())
os.environ["NNUNET_ORACLE"] = str(WORK)
for name in ("raw", "preprocessed", "results"):
    (WORK / name).mkdir(exist_ok=True)
    os.environ[f"nnUNet_{name}"] = str(WORK / name)
os.environ["nnUNet_n_proc_DA"] = "1"
os.environ["nnUNet_compile"] = "f"

import numpy as np  # noqa: E402
import torch  # noqa: E402
from skimage import io  # noqa: E402

sys.path.insert(0, str(HERE.parents[1] / "benches"))
from reference import values  # noqa: E402

from nnunetv2.experiment_planning.dataset_fingerprint.fingerprint_extractor import DatasetFingerprintExtractor  # noqa: E402
from nnunetv2.experiment_planning.experiment_planners.default_experiment_planner import ExperimentPlanner  # noqa: E402
from nnunetv2.inference import predict_from_raw_data as predict  # noqa: E402
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape  # noqa: E402
from nnunetv2.inference.sliding_window_prediction import compute_gaussian, compute_steps_for_sliding_window  # noqa: E402
from nnunetv2.preprocessing.preprocessors.default_preprocessor import DefaultPreprocessor  # noqa: E402
from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape  # noqa: E402
from nnunetv2.training.loss.compound_losses import DC_and_CE_loss  # noqa: E402
from nnunetv2.training.loss.deep_supervision import DeepSupervisionWrapper  # noqa: E402
from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss  # noqa: E402
from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer  # noqa: E402
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager  # noqa: E402

SAMPLES = 97
LABELS = {"background": 0, "L1": 1, "L2": 2, "L3": 3, "L4": 4, "L5": 5}


def sampled(array):
    """Shape, largest magnitude, and values evenly spread over the array."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    at = [i * (len(flat) - 1) // (SAMPLES - 1) for i in range(SAMPLES)]
    return {"shape": list(np.shape(array)), "largest": float(np.abs(flat).max()),
            "values": [float(f"{flat[i]:.8g}") for i in at]}


def dataset_json(channel, count):
    return {"channel_names": {"0": channel}, "labels": LABELS, "numTraining": count, "file_ending": ".png"}


def phantom(seed):
    """A film of shapes with labels, black around what is exposed."""
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.integers(88, 112)), int(rng.integers(70, 86))
    y, x = np.mgrid[:rows, :columns]
    cy, cx = rows / 2 + rng.uniform(-6, 6), columns / 2 + rng.uniform(-6, 6)
    label = np.zeros((rows, columns), np.uint8)
    label[(np.abs(x - cx - 18) < 9) & (y < cy + 30)] = 5
    label[(np.abs(x - cx + 6) < 7) & (y > cy)] = 2
    label[((x - cx) / 11) ** 2 + ((y - cy) / 12) ** 2 < 1] = 1
    label[((x - cx - 10) / 4) ** 2 + ((y - cy - 14) / 7) ** 2 < 1] = 4
    label[((x - cx - 12) / 3) ** 2 + ((y - cy - 22) / 5) ** 2 < 1] = 3
    grey = np.choose(label, [70, 150, 190, 215, 110, 170]) + 12 * np.sin(x / 7 + y / 11) + rng.normal(0, 6, label.shape)
    border = (y < 5) | (y >= rows - 3) | (x < 4) | (x >= columns - 6)
    label[border] = 0
    grey = np.where(border, 0, np.clip(grey, 1, 255)).astype(np.uint8)
    grey[rows // 2, columns // 3] = 0  # a hole stays a hole
    return grey, label


def write_dataset(number, count):
    name = f"Dataset{number:03d}_Shapes"
    folder = WORK / "raw" / name
    (folder / "imagesTr").mkdir(parents=True)
    (folder / "labelsTr").mkdir()
    for case in range(count):
        grey, label = phantom(case)
        io.imsave(folder / "imagesTr" / f"case_{case:02d}_0000.png", grey, check_contrast=False)
        io.imsave(folder / "labelsTr" / f"case_{case:02d}.png", label, check_contrast=False)
    (folder / "dataset.json").write_text(json.dumps(dataset_json("xray", count)))
    return name


def planned(name):
    """The plans nnU-Net makes of fingerprint and data set on disk; its printing is not ours."""
    keep, sys.stdout = sys.stdout, sys.stderr
    try:
        return ExperimentPlanner(name).plan_experiment()
    finally:
        sys.stdout = keep


def planner_cases():
    """Fingerprints without images, and what is planned for them."""
    rng = np.random.default_rng(3)
    paper = [([1.0, s, s], [1, round(2320 * 0.15 / s), round(1414 * 0.15 / s)]) for s in (0.1, 0.15, 0.15, 0.15, 0.175)] * 20
    cases = {
        "the paper's films": ("xray", paper, 1.0),
        "small squares": ("xray", [([999, 1, 1], [1, 128, 128])] * 40, 1.0),
        "films of all sizes": ("xray", [([999, 1, 1], [1, int(a), int(b)]) for a, b in rng.integers(300, 900, (30, 2))], 1.0),
        "few and small": ("ct", [([999, 0.4, 0.4], [1, 61, 75])] * 8, 0.5),
        "cropped to half": ("xray", [([999, 0.2, 0.2], [1, 700, 640])] * 25, 0.5),
        "one size, many": ("noNorm", [([999, 1, 1], [1, 512, 480])] * 900, 1.0),
        "tiny": ("rescale_to_0_1", [([999, 1, 1], [1, 24, 30])] * 12, 1.0),
        "large": ("xray", [([999, 0.1, 0.1], [1, 4300, 3500])] * 60, 1.0),
    }
    found = []
    for number, (title, (channel, films, relative)) in enumerate(cases.items(), start=100):
        name = f"Dataset{number}_Case"
        raw, prepared = WORK / "raw" / name, WORK / "preprocessed" / name
        for folder in (raw / "imagesTr", raw / "labelsTr", prepared):
            folder.mkdir(parents=True)
        for case in range(len(films)):
            (raw / "imagesTr" / f"c{case:04d}_0000.png").touch()
            (raw / "labelsTr" / f"c{case:04d}.png").touch()
        described = dataset_json(channel, len(films)) | {"overwrite_image_reader_writer": "NaturalImage2DIO"}
        (raw / "dataset.json").write_text(json.dumps(described))
        fingerprint = {
            "spacings": [spacing for spacing, _ in films],
            "shapes_after_crop": [shape for _, shape in films],
            "foreground_intensity_properties_per_channel": {},
            "median_relative_size_after_cropping": relative,
        }
        (prepared / "dataset_fingerprint.json").write_text(json.dumps(fingerprint))
        plan = planned(name)["configurations"]["2d"]
        network = plan["architecture"]["arch_kwargs"]
        found.append({
            "title": title, "channel": channel, "relative": relative,
            "spacings": fingerprint["spacings"], "shapes": fingerprint["shapes_after_crop"],
            "plan": {key: plan[key] for key in ("batch_size", "patch_size", "median_image_size_in_voxels", "spacing",
                                                "normalization_schemes", "use_mask_for_norm", "batch_dice")},
            "features": network["features_per_stage"], "strides": network["strides"], "kernels": network["kernel_sizes"],
        })
    return found


def resampling_cases():
    """Resampled images by formula, for the splines alone."""
    found = []
    for order, shape, new in [(3, (37, 52), (50, 41)), (3, (64, 48), (32, 24)), (1, (20, 31), (47, 33)), (3, (9, 8), (30, 30))]:
        data = values("input", list(shape))[None, None]
        out = resample_data_or_seg_to_shape(data, (1, *new), (999, 1, 1), (999, 1, 1), order=order, order_z=0, force_separate_z=None)
        found.append({"order": order, "shape": shape, "to": new, "result": sampled(out[0, 0])})
    return found


def preprocessing_cases(plans, described):
    """Prepared images by formula under every normalisation."""
    found = []
    intensities = {"0": {"mean": 0.4, "std": 0.7, "percentile_00_5": 0.1, "percentile_99_5": 1.2, "median": 0.5, "min": 0.0, "max": 2.0}}
    for scheme, masked, spacing in [("ZScoreNormalization", False, 1.0), ("ZScoreNormalization", True, 0.7),
                                    ("CTNormalization", False, 1.3), ("NoNormalization", False, 1.1),
                                    ("RescaleTo01Normalization", False, 0.9), ("RGBTo01Normalization", False, 1.0)]:
        image = np.maximum(values("input", [46, 39]), 0)
        image[:4] = image[:, :3] = image[-7:] = 0
        changed = json.loads(json.dumps(plans))
        changed["foreground_intensity_properties_per_channel"] = intensities
        changed["configurations"]["2d"] |= {"normalization_schemes": [scheme], "use_mask_for_norm": [masked], "spacing": [0.9, 1.2]}
        manager = PlansManager(changed)
        data, _, properties = DefaultPreprocessor(verbose=False).run_case_npy(
            image[None, None], None, {"spacing": (999, spacing, spacing)}, manager, manager.get_configuration("2d"), described)
        box = [[int(a), int(b)] for a, b in properties["bbox_used_for_cropping"][1:]]
        found.append({"scheme": scheme, "masked": masked, "spacing": spacing, "crop": box, "result": sampled(data[0, 0])})
    return found


def loss_cases():
    """Dice and cross-entropy over three resolutions, and the gradient of the finest logits."""
    found = []
    for batch_dice in (True, False):
        shapes = [(2, 4, 16, 12), (2, 4, 8, 6), (2, 4, 4, 3)]
        logits = [torch.from_numpy(values(f"logits{i}", list(shape))).requires_grad_() for i, shape in enumerate(shapes)]
        targets = [torch.from_numpy(np.floor((values(f"target{i}", [s[0], 1, *s[2:]]) / math.sqrt(12) + 0.5) * 3.999)) for i, s in enumerate(shapes)]
        weights = np.array([1, 0.5, 0.0])
        base = DC_and_CE_loss({"batch_dice": batch_dice, "smooth": 1e-5, "do_bg": False, "ddp": False}, {},
                              weight_ce=1, weight_dice=1, ignore_label=None, dice_class=MemoryEfficientSoftDiceLoss)
        loss = DeepSupervisionWrapper(base, weights / weights.sum())(logits, targets)
        loss.backward()
        found.append({"batch_dice": batch_dice, "loss": float(loss), "gradient": sampled(logits[0].grad.numpy()),
                      "coarser": sampled(logits[1].grad.numpy())})
    return found


class Short(nnUNetTrainer):
    """nnU-Net's own training, shorter."""

    def __init__(self, plans, configuration, fold, dataset_json, device=torch.device("cpu")):
        super().__init__(plans, configuration, fold, dataset_json, device)
        self.num_epochs, self.num_iterations_per_epoch, self.num_val_iterations_per_epoch = 10, 100, 2


def trained(name):
    """Trains two folds of a small network and gives the model folder."""
    DatasetFingerprintExtractor(name, 1).run()
    full = planned(name)
    fingerprint = json.loads((WORK / "preprocessed" / name / "dataset_fingerprint.json").read_text())
    small = json.loads((WORK / "preprocessed" / name / "nnUNetPlans.json").read_text())
    plan = small["configurations"]["2d"]
    plan |= {"patch_size": [64, 48], "batch_size": 2, "spacing": [1.1, 1.2]}
    plan["architecture"]["arch_kwargs"] |= {
        "n_stages": 3, "features_per_stage": [6, 8, 10], "kernel_sizes": [[3, 3]] * 3,
        "strides": [[1, 1], [2, 2], [2, 2]], "n_conv_per_stage": [2, 2, 2], "n_conv_per_stage_decoder": [2, 2]}
    described = json.loads((WORK / "raw" / name / "dataset.json").read_text())
    manager = PlansManager(small)
    (WORK / "preprocessed" / name / "nnUNetPlans.json").write_text(json.dumps(small))
    DefaultPreprocessor(verbose=False).run(name, "2d", "nnUNetPlans", num_processes=1)
    shutil.copytree(WORK / "raw" / name / "labelsTr", WORK / "preprocessed" / name / "gt_segmentations", dirs_exist_ok=True)
    os.environ["nnUNet_n_proc_DA"] = "0"
    for fold in (0, 1):
        torch.manual_seed(fold)
        np.random.seed(fold)
        trainer = Short(small | {"continue_training": False}, "2d", fold, described, device=torch.device("cpu"))
        trainer.run_training()
        folder = OUT / "model" / f"fold_{fold}"
        folder.mkdir(parents=True, exist_ok=True)
        saved = pathlib.Path(trainer.output_folder) / "checkpoint_final.pth"
        shutil.copy(saved, folder)
    (OUT / "model" / "plans.json").write_text(json.dumps(small, indent=1))
    (OUT / "model" / "dataset.json").write_text(json.dumps(described, indent=1))
    return manager, small, described, {"fingerprint": fingerprint, "plan": full["configurations"]["2d"]["patch_size"]}


def predictions():
    """Masks and logits of nnU-Net, as it is and without its 16-bit sums, for films it has not seen."""
    film, _ = phantom(77)
    found = {}
    # The last is smaller than a window.
    for case, folds, grey in (("one", (0,), film), ("two", (0, 1), film), ("small", (0,), film[30:70, 20:55])):
        io.imsave(OUT / f"film_{case}.png", grey, check_contrast=False)

        def predictor():
            made = predict.nnUNetPredictor(tile_step_size=0.5, use_gaussian=True, use_mirroring=True,
                                           perform_everything_on_device=False, device=torch.device("cpu"), allow_tqdm=False)
            predict.recursive_find_trainer_class_by_name = lambda name: Short
            made.initialize_from_trained_model_folder(str(OUT / "model"), folds)
            return made

        def run(made):
            data, _, properties = DefaultPreprocessor(verbose=False).run_case_npy(
                grey[None, None].astype(np.float32), None, {"spacing": (999, 1, 1)}, made.plans_manager,
                made.configuration_manager, made.dataset_json)
            logits = made.predict_logits_from_preprocessed_data(torch.from_numpy(data))
            mask = convert_predicted_logits_to_segmentation_with_correct_shape(
                logits, made.plans_manager, made.configuration_manager, made.label_manager, properties)
            return logits.float().numpy()[:, 0], mask[0]

        original_logits, original = run(predictor())
        half, torch.half = torch.half, torch.float32
        keep, predict.compute_gaussian = predict.compute_gaussian, functools.partial(compute_gaussian, dtype=torch.float32)
        logits, mask = run(predictor())
        torch.half, predict.compute_gaussian = half, keep
        for name, labels in (("mask", mask), ("mask_16_bit", original)):
            io.imsave(OUT / f"{name}_{case}.png", labels.astype(np.uint8), check_contrast=False)
        found[case] = {
            "logits": sampled(logits), "logits_16_bit": sampled(original_logits),
            "pixels_that_16_bit_sums_change": int((mask != original).sum()),
        }
    return found


if __name__ == "__main__" and sys.argv[1:] == ["predictions"]:
    expected = json.loads((OUT / "expected.json").read_text()) | {"predictions": predictions()}
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":")))
    shutil.rmtree(WORK)
elif __name__ == "__main__":
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    planner = planner_cases()
    name = write_dataset(1, 10)
    manager, plans, described, simulated = trained(name)
    expected = {
        "planner": planner,
        "simulated": simulated,
        "resampling": resampling_cases(),
        "preprocessing": preprocessing_cases(plans, described),
        "loss": loss_cases(),
        "gaussian": sampled(compute_gaussian((24, 16), value_scaling_factor=10, dtype=torch.float32, device=torch.device("cpu")).numpy()),
        "steps": compute_steps_for_sliding_window((110, 97), (64, 48), 0.5),
        "predictions": predictions(),
    }
    (OUT / "expected.json").write_text(json.dumps(expected, separators=(",", ":"), default=lambda o: o.item()))
    shutil.rmtree(WORK)
