"""The variance along training, as Explore and the Variance scene plot it: pure functions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rlxent_core.estimators import estimator, estimator_of, without_baseline
from rlxent_core.settings import Settings
from rlxent_gui.curves import Curves
from rlxent_gui.estimator_words import label, role_of, short_label, styles
from rlxent_gui.plots.data import Dots, Line, RatioPlotData, VariancePlotData


def default_names(settings: Settings) -> tuple[str, ...]:
    """What is looked at unless others are chosen: no baseline and the training's own."""
    own = estimator_of(settings)
    return tuple(dict.fromkeys((without_baseline(own).name, own.name)))


def looks(names: Sequence[str], settings: Settings) -> dict[str, tuple[str, str]]:
    """The token and the dash that each estimator is drawn with, the training's own pair first."""
    own = estimator_of(settings)
    pair = (own.name, without_baseline(own).name)
    order = sorted(names, key=lambda name: pair.index(name) if name in pair else len(pair))
    return dict(zip(order, styles([estimator(name) for name in order]), strict=True))


def variance(
    curves: Curves, settings: Settings, names: Sequence[str] | None = None
) -> VariancePlotData:
    """The curves of the estimators in ``names``; unless given, of no baseline and the own one."""
    own = estimator_of(settings)
    plain = without_baseline(own).name
    wanted = default_names(settings) if names is None else names
    own_wanted = names is None or own.name in wanted
    updates, none, with_own = curves.variance.thinned().T
    drawn = looks(wanted, settings)
    further = tuple(
        Line(short_label(one, own), label(one), found[:, 0], found[:, 1], *drawn[name])
        for name, column in curves.others.items()
        if name in wanted and name not in (plain, own.name)
        for one, found in ((estimator(name), column.thinned()),)
    )
    exact = {own.name: "chosen", plain: "none"}
    dots = tuple(
        Dots(found[:, 0], found[:, 1], drawn[name][0])
        for name in wanted
        if (kept := curves.exact.get(exact.get(name, name))) is not None
        for found in (kept.thinned(),)
    )
    return VariancePlotData(
        updates,
        none if plain in wanted else none[:0],
        with_own if own_wanted else with_own[:0],
        curves.variance_label if own_wanted else "",
        tuple(update for update, _ in curves.marks),
        others=further,
        exact=dots,
        role=role_of(own),
    )


def ratio(curves: Curves, settings: Settings) -> RatioPlotData:
    """How many times less the variance is with the training's baseline; nan where it has none."""
    updates, none, with_own = curves.variance.thinned().T
    times = np.full(len(none), np.nan)
    np.divide(none, with_own, out=times, where=with_own > 0)
    role = role_of(estimator_of(settings))
    return RatioPlotData(
        updates, times, curves.variance_label, tuple(update for update, _ in curves.marks),
        role=role, exact=_exact_ratio(curves, role),
    )


def _exact_ratio(curves: Curves, role: str) -> tuple[Dots, ...]:
    kept = [curves.exact.get(name) for name in ("none", "chosen")]
    if any(one is None for one in kept):
        return ()
    none, chosen = (one.thinned() for one in kept if one is not None)
    both, at, of = np.intersect1d(none[:, 0], chosen[:, 0], return_indices=True)
    return (Dots(both, none[at, 1] / chosen[of, 1], role),)
