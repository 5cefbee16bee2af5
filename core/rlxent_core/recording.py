"""A training as the run that is written to a file."""

from __future__ import annotations

import numpy as np

from rlxent_core.mdp import Floats
from rlxent_core.run_file import Run, SeedRun
from rlxent_core.trainer import Trainer


def record(trainer: Trainer, returns: Floats, lengths: Floats) -> Run:
    """The trainer as it is, with the means of its updates' episodes, both [N, updates]."""
    parameters = dict(trainer.policy.named_parameters())
    settings = trainer.settings
    plain = (settings.architecture, settings.features) == ("table", "cell")
    logits = trainer.logits().double().cpu().numpy()
    seeds = tuple(
        SeedRun(
            seed,
            returns[run],
            lengths[run],
            np.where(trainer.mdp.standable[:, None], logits[run], 0.0),
            {} if plain else {n: p[run].detach().cpu().numpy() for n, p in parameters.items()},
        )
        for run, seed in enumerate(trainer.seeds)
    )
    return Run(trainer.world, trainer.settings, trainer.device.type, trainer.update, seeds)
