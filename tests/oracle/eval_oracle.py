#!/usr/bin/env python3
"""What scipy, scikit-learn, statsmodels and pingouin say of random data, for tests/eval_oracle.rs.

Run by hand when a metric is added: python3 tests/oracle/eval_oracle.py
It rewrites eval_oracle.json beside it: 20 data sets a metric with the expected values, seeded, so that a second run
with the same versions changes nothing. The Rust test needs no Python. Every expectation comes from a library; where
two of them know the metric they are asserted to agree. Where none does, the formula is written out here in their
terms (marked "formula").
"""
import json
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pingouin
import scipy
import sklearn
import statsmodels
from scipy import optimize, stats
from sklearn import metrics
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

pingouin.options["round.column.CI95"] = None  # else two decimals
SETS = 20
rng = np.random.default_rng(20250131)


def sets(make):
    return [make(number) for number in range(SETS)]


def close(a, b):
    assert np.allclose(a, b, rtol=1e-9, atol=1e-12), (a, b)
    return a


def pairs_of_angles():
    n = int(rng.integers(3, 40))
    reference = rng.uniform(8, 45, n).round(1)
    predicted = (reference * rng.uniform(0.9, 1.1) + rng.normal(rng.normal(), rng.uniform(0.5, 6), n)).round(1)
    return reference, predicted


def intraclass(ratings):
    n, k = ratings.shape
    frame = pd.DataFrame({"subject": np.repeat(range(n), k), "rater": np.tile(range(k), n), "rating": ratings.ravel()})
    found = pingouin.intraclass_corr(frame, "subject", "rater", "rating").set_index("Type").loc["ICC(A,1)"]
    return float(found["ICC"]), [float(end) for end in found["CI95"]]


def agreement(_):
    reference, predicted = pairs_of_angles()
    errors = predicted - reference
    return {
        "reference": reference, "predicted": predicted,
        "mean_absolute": metrics.mean_absolute_error(reference, predicted),
        "median_absolute": metrics.median_absolute_error(reference, predicted),
        "p90_absolute": np.percentile(abs(errors), 90),
        "max_absolute": metrics.max_error(reference, predicted),
        "bias": errors.mean(),
        "sd": stats.tstd(errors),
        "pearson": close(stats.pearsonr(reference, predicted).statistic, pingouin.corr(reference, predicted)["r"].iloc[0]),
        "icc": intraclass(np.column_stack([reference, predicted]))[0],
        "average_accuracy": 100 * (1 - metrics.mean_absolute_percentage_error(reference, predicted)),
    }


def icc(number):
    n, k = int(rng.integers(3, 40)), int(rng.integers(2, 6))
    # The last sets have little between subjects: values near and below zero.
    between = rng.uniform(2, 10) if number < 15 else 0.5
    ratings = rng.normal(25, between, (n, 1)) + rng.normal(0, 1.5, (1, k)) + rng.normal(0, rng.uniform(0.5, 5), (n, k))
    ratings = ratings.round(1)
    value, interval = intraclass(ratings)
    return {"ratings": ratings, "value": value, "interval": interval}


def bland_altman(_):
    reference, predicted = pairs_of_angles()
    d, m, n = predicted - reference, (predicted + reference) / 2, len(reference)
    pyplot.figure()
    axes = pingouin.plot_blandaltman(predicted, reference, agreement=1.96, confidence=0.95)
    _, bias, high, low = [line.get_ydata()[0] for line in axes.lines[:4]]
    spans = [(patch.get_y(), patch.get_y() + patch.get_height()) for patch in axes.patches]
    pyplot.close("all")
    interval = stats.t.interval(0.95, n - 1, d.mean(), stats.sem(d))
    assert any(np.allclose(span, interval, rtol=1e-9) for span in spans), (spans, interval)
    line = stats.linregress(m, d)
    return {
        "reference": reference, "predicted": predicted,
        "bias": bias, "sd": stats.tstd(d), "limits": [low, high], "bias_interval": interval,
        # formula: pingouin has Bland & Altman's rounded sqrt(3 s²/n) here, the specification what they rounded.
        "limit_margin": stats.t.ppf(0.975, n - 1) * stats.tstd(d) * np.sqrt(1 / n + 1.96**2 / (2 * (n - 1))),
        "slope": line.slope, "p": line.pvalue,
    }


def confusion(number):
    n = int(rng.integers(6, 60))
    truth = rng.random(n) < rng.uniform(0.1, 0.9)
    truth[:2] = [True, False]
    predicted = np.where(rng.random(n) < 0.8, truth, ~truth)
    if number == 0:
        predicted = truth.copy()
    predicted[:2] = [True, False]
    tn, fp, fn, tp = metrics.confusion_matrix(truth, predicted).ravel()
    values = {
        "sensitivity": (metrics.recall_score(truth, predicted), tp, tp + fn),
        "specificity": (metrics.recall_score(truth, predicted, pos_label=False), tn, tn + fp),
        "ppv": (metrics.precision_score(truth, predicted), tp, tp + fp),
        "npv": (metrics.precision_score(truth, predicted, pos_label=False), tn, tn + fn),
        "accuracy": (metrics.accuracy_score(truth, predicted), tp + tn, n),
    }
    confidence = [0.95, 0.9, 0.99][number % 3]
    out = {"truth": truth, "predicted": predicted, "confidence": confidence}
    for name, (value, hits, of) in values.items():
        low, high = proportion_confint(hits, of, alpha=1 - confidence, method="wilson")
        other = stats.binomtest(int(hits), int(of)).proportion_ci(confidence, method="wilson")
        close([low, high], [other.low, other.high])
        out[name] = [value, low, high]
    return out


def kappa(number):
    n, grades = int(rng.integers(5, 60)), 2 + number % 4
    first = rng.integers(1, grades + 1, n)
    first[:2] = [1, grades]
    second = np.clip(first + rng.choice([-1, 0, 0, 0, 1, 2], n), 1, grades)
    labels = list(range(1, grades + 1))
    of = lambda weights: metrics.cohen_kappa_score(first, second, labels=labels, weights=weights)
    table = metrics.confusion_matrix(first, second, labels=labels)
    for weights, name in ((None, None), ("linear", "linear"), ("quadratic", "quadratic")):
        kinds = {None: {}, "linear": {"wt": "linear"}, "quadratic": {"wt": "quadratic"}}[name]
        close(of(weights), cohens_kappa(table, return_results=True, **kinds).kappa)
    return {"first": first, "second": second, "unweighted": of(None), "linear": of("linear"), "quadratic": of("quadratic")}


def roc(number):
    n = int(rng.integers(4, 40))
    positive = rng.random(n) < 0.5
    positive[:2] = [True, False]
    scores = rng.normal(positive * 1.0, 1).round(1 if number % 2 else 3)  # many ties, or few
    false_positive, sensitivity, threshold = metrics.roc_curve(positive, scores, drop_intermediate=False)
    u = stats.mannwhitneyu(scores[positive], scores[~positive]).statistic
    auc = close(metrics.roc_auc_score(positive, scores), u / positive.sum() / (~positive).sum())
    return {
        "scores": scores, "positive": positive, "auc": auc, "false_positive_rate": false_positive[1:],
        "sensitivity": sensitivity[1:], "threshold": threshold[1:],
    }


def landmarks(_):
    images, labels = int(rng.integers(2, 12)), list("abcdefg")[: int(rng.integers(2, 8))]
    limits = [1.5, 2.0, 3.0]
    rows = []  # image, label, error; NaN missed
    for image in range(images):
        for label in labels:
            if image == 0 or rng.random() < 0.85:
                missed = image > 0 and rng.random() < 0.1
                rows.append((image, label, np.nan if missed else round(float(rng.rayleigh(1.5)), 1)))
    frame = pd.DataFrame(rows, columns=["image", "label", "error"])
    groups = frame.groupby("label")["error"]
    pe, rmse = groups.mean(), groups.apply(
        lambda e: metrics.root_mean_squared_error(np.zeros(e.count()), e.dropna())
    )
    return {
        "images": [
            [(label, None if np.isnan(e) else e) for _, label, e in rows_of.itertuples(index=False)]
            for _, rows_of in frame.groupby("image")
        ],
        "limits": limits,
        "labels": {
            label: {
                "n": int(groups.size()[label]), "pe": pe[label], "rmse": rmse[label],
                "within": [100 * float((e <= z).mean()) for z in limits],  # NaN is neither
                "below": [100 * float((e < z).mean()) for z in limits],
            }
            for label, e in groups
        },
        "mre": pe.mean(), "rmse": rmse.mean(),
    }


def error_distribution(_):
    means = rng.gamma(2, 1, int(rng.integers(1, 60))).round(2)
    limits = [0.5, 1.0, 2.0, 4.0]
    share = 100 * stats.ecdf(means).cdf.evaluate(limits)
    return {"means": means, "percentiles": np.percentile(means, [50, 90, 95, 99]), "limits": limits, "share": share}


def contour(_):
    n = int(rng.integers(2, 12))
    reference = np.cumsum(rng.normal(0, 8, (n, 2)), axis=0).round(2)
    predicted = (reference + rng.normal(0, 3, (n, 2))).round(2)

    def to_curve(point):
        # The place on each segment is a least-squares problem of one unknown within [0, 1].
        fits = [
            optimize.lsq_linear((b - a)[:, None], point - a, (0, 1), method="bvls", tol=1e-15)
            for a, b in zip(reference, reference[1:])
        ]
        return min(np.linalg.norm(fit.fun) for fit in fits)

    return {
        "predicted": predicted, "reference": reference,
        "to_curve": np.mean([to_curve(point) for point in predicted]),
        "to_point": np.mean(np.diag(scipy.spatial.distance.cdist(predicted, reference))),
    }


def dice(_):
    labels = [1, 2, 3, 4, 5]
    images, expected = [], []
    for _ in range(int(rng.integers(1, 5))):
        reference = rng.choice([0, 1, 2, 3, 4], 40)  # 5 stays empty in the reference, at times in both
        predicted = np.where(rng.random(40) < 0.7, reference, rng.choice([0, 1, 2, 5] if rng.random() < 0.5 else [0, 1], 40))
        images.append([predicted, reference])
        expected.append(metrics.f1_score(reference, predicted, labels=labels, average=None, zero_division=np.nan))
    return {"images": images, "dice": [[None if np.isnan(d) else d for d in row] for row in expected],
            "mean": np.nanmean(np.nanmean(expected, axis=1))}


def bootstrap(number):
    patients = int(rng.integers(3, 10))
    of_row = np.sort(np.concatenate([np.arange(patients), rng.integers(0, patients, int(rng.integers(0, 12)))]))
    values = rng.normal(25, 6, len(of_row)).round(1)
    percent = 0 if number % 2 else 90  # 0 stands for the mean
    of = lambda v: np.mean(v) if percent == 0 else np.percentile(v, percent)
    statistic = lambda drawn: of(np.concatenate([values[of_row == patient] for patient in drawn]))
    draws = np.random.default_rng(number).integers(0, patients, (150, patients))
    found = stats.bootstrap((np.arange(patients),), statistic, n_resamples=150, vectorized=False,
                            method="percentile", rng=np.random.default_rng(number))
    close(found.bootstrap_distribution, [statistic(draw) for draw in draws])  # the same draws
    return {
        "patients": of_row, "values": values, "percent": percent, "draws": ["".join(map(str, draw)) for draw in draws],
        "value": of(values), "interval": [found.confidence_interval.low, found.confidence_interval.high],
    }


def guess_the_mean(_):
    n = int(rng.integers(4, 20))
    films = np.sort(rng.integers(0, 5, n))
    films[0], films[-1] = 0, 5
    values = rng.uniform(10, 40, n).round(1)
    guess = cross_val_predict(DummyRegressor(), np.zeros((n, 1)), values, groups=films, cv=LeaveOneGroupOut())
    return {"films": films, "values": values, "errors": abs(values - guess)}


def distributions(number):
    p = [0.5, 0.9, 0.95, 0.975, 0.995, 0.9995, 0.025, 0.001][number % 8]
    t = float(np.round(rng.exponential(3), 3))
    rows = []
    for _ in range(12):
        above, below = [float(np.round(10 ** rng.uniform(*ends), 2)) for ends in ((0, 4), (-0.5, 5))]
        rows.append([above, below, stats.f.ppf(p, above, below), stats.f.ppf(p, below, above),
                     stats.t.ppf(p, below), 2 * stats.t.sf(t, below)])
    return {"p": p, "t": t, "normal": stats.norm.ppf(p), "rows": rows}


def plain(value):
    """numpy to what JSON has, truth values as 0 and 1."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (np.floating, float)):
        assert np.isfinite(value), value
        return float(value)
    if isinstance(value, (np.integer, np.bool_)):
        return int(value)
    return value


def main():
    warnings.simplefilter("error")
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
    makers = [agreement, icc, bland_altman, confusion, kappa, roc, landmarks, error_distribution, contour, dice,
              bootstrap, guess_the_mean, distributions]
    versions = {m.__name__: m.__version__ for m in (np, scipy, sklearn, statsmodels, pingouin)}
    parts = [f'"versions": {json.dumps(versions)}']
    for make in makers:
        lines = ",\n".join(json.dumps(plain(one), separators=(",", ":")) for one in sets(make))
        parts.append(f'"{make.__name__}": [\n{lines}\n]')
    path = Path(__file__).with_suffix(".json")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
