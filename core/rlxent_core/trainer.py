"""Training: ``step()`` draws episodes, weighs their steps and moves the policy once.

Owns the policy, its optimiser, the critic and the baselines of N runs that differ in their seed,
and in step sizes, entropy bonus or clipping if wanted.  No threads.  On the CPU the same world,
settings and seed give the same bits with one thread (``torch.set_num_threads(1)``), for a seed
alone or among others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from rlxent_core import reinforce
from rlxent_core.arrays import native, on_cpu
from rlxent_core.baselines import Baselines
from rlxent_core.credit import advantages, kappa_times, returns_to_go
from rlxent_core.features import inputs_of
from rlxent_core.mdp import MDP, Floats, compile_world
from rlxent_core.optimizer import Learner, NotFiniteGradientError, require_finite
from rlxent_core.policy import Policy, action_probabilities, make_policy
from rlxent_core.rollout import Episodes, SampledMDP, TrainingError, check_size, sample_episodes
from rlxent_core.run_settings import OwnValues, for_runs
from rlxent_core.settings import Settings
from rlxent_core.streams import Purpose, Streams
from rlxent_core.update import NotFiniteError, TrainerState, Update
from rlxent_core.world import World

__all__ = ["NotFiniteError", "Trainer", "TrainerState", "TrainingError", "Update"]

CHECK_DEVICE_EVERY = 50
"""Updates between two looks at whether an accelerator's numbers are finite."""


class Weighed(NamedTuple):
    """Episodes and what their steps' cross-entropies are multiplied with; all are [T, N, B]."""

    batch: Episodes
    to_go: Tensor
    """G_t."""
    values: Tensor | None
    """V of the visited states, where the baseline is one."""
    advantage: Tensor
    """The weight without κ_t."""
    weight: Tensor


class Trainer:
    """REINFORCE on ``world`` for one run a seed.

    Args:
        settings: for all runs, or one for each seed; these may differ in
            :data:`~rlxent_core.run_settings.OWN_VALUES`.
        policy: any module whose forward gives logits [N, S, A] may stand in for the architecture
            of the settings; with several seeds all its parameters need the runs as first axis.
            A learned critic still has the architecture of the settings.

    Raises:
        TrainingError: when the world has no step limit, an update might not fit in memory, the
            settings differ otherwise, or the policy's logits have another shape.
    """

    _collected: Episodes | None
    seen_from: tuple[Learner, Learner | None] | None
    """Policy and critic of the last update, where edits made the world look otherwise since."""
    _good: TrainerState | None
    last: Update | None
    """What the last update did; None where something was changed since, and before the first."""

    def __init__(
        self,
        world: World,
        settings: Settings | Sequence[Settings],
        seeds: Sequence[int] = (0,),
        device: str | torch.device = "cpu",
        policy: Policy | None = None,
    ) -> None:
        self.seeds = tuple(seeds)
        self.n_runs = len(self.seeds)
        self.device = torch.device(device)
        self.world = world
        self._given_policy = policy
        if not self.seeds:
            raise TrainingError("Training needs a seed at least.")
        self._take_settings(settings)
        self._sampled = self._compile(world, self.settings)
        self._streams = Streams(self.seeds, Purpose.EPISODES, self.device)
        self.update = 0
        self.episodes = 0
        self._env_steps: Any = 0  # on an accelerator a tensor, so as not to wait for it
        self._start_models()

    # --- what there is

    @property
    def mdp(self) -> MDP:
        return self._sampled.mdp

    @property
    def sampled_mdp(self) -> SampledMDP:
        """The MDP on the device."""
        return self._sampled

    @property
    def policy(self) -> Policy:
        return self._policy.module

    @property
    def env_steps(self) -> int:
        """Steps that all episodes took so far.  Waits for the device."""
        return int(self._env_steps)

    @property
    def n_parameters(self) -> int:
        """Parameters of one run's policy."""
        return self._policy.optimizer.flat.numel() // self.n_runs

    @property
    def n_bytes(self) -> int:
        """Memory that training keeps for the policies and critics of all runs, about.

        Parameters, what the optimiser holds of each, their gradient, and the hidden units.
        """
        critic = self._baselines.critic
        learners = (self._policy,) if critic is None else (self._policy, critic)
        numbers = sum(5 * one.optimizer.flat.numel() for one in learners)
        if self.settings.architecture == "mlp":
            numbers += len(learners) * self.n_runs * self.mdp.n_states * self.settings.hidden
        return 4 * numbers

    def logits(self) -> Tensor:
        """Of all states: [N, S, A].  Stays as it is when training goes on; not to be written to."""
        return self._policy.outputs

    def critic_values(self) -> Tensor | None:
        """V(s) of the learned critic, where there is one: [N, S]."""
        return self._baselines.critic_values()

    def baseline_constant(self) -> Tensor | None:
        """The number that the next batch's returns are compared to, where it is one: [N]."""
        return self._baselines.constant(self.settings)

    def visits(self) -> Floats | None:
        """How often run 0 was in each state in the last update: [S]; None before the first."""
        if self.last is None:
            return None
        visits: Floats = self.last.batch.visits()[0].cpu().numpy()
        return visits

    # --- training

    def collect(self) -> Episodes:
        """The episodes of the next update: drawn once, kept until :meth:`step`."""
        if self._collected is None:
            self._probabilities = action_probabilities(self._policy.outputs)
            self._collected = sample_episodes(
                self._sampled,
                self._probabilities,
                self.settings.batch_episodes,
                self._streams,
                self.update,
            )
        return self._collected

    def weigh(self) -> Weighed:
        """The episodes of the next update with the weights that :meth:`step` will give them.

        Draws them where they are not drawn yet, and changes nothing else.
        """
        batch, settings = self.collect(), self.settings
        with np.errstate(over="ignore", invalid="ignore"):  # a step looks for it
            to_go = returns_to_go(batch.reward, self._sampled.discount)
            values = self._baselines.values(settings, batch, self._probabilities)
            constant = self._baselines.constant(settings)
            advantage = advantages(settings, batch, to_go, values, constant)
            weight = kappa_times(settings, batch, advantage)
        return Weighed(batch, to_go, values, advantage, weight)

    def step(self) -> Update:
        """One update.

        Raises:
            NotFiniteError: when the logits are no finite numbers any more.  The trainer is then as
                it was before the update; on an accelerator, where that is only looked at every
                :data:`CHECK_DEVICE_EVERY` updates, as it was at the last look.
        """
        if self._may_break and (self._good is None or on_cpu(self.device)):
            self._good = self.state()
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # looked for below
                done = self._step()
        except NotFiniteGradientError:  # before anything was changed
            self._collected = None
            raise NotFiniteError(self.update + 1) from None
        if self._may_break:
            self._check_finite()
        self.last = done
        return done

    @property
    def _may_break(self) -> bool:
        """Whether a step can make the logits infinite though its gradient was looked at.

        On an accelerator it is not looked at, and a module that was given can do anything.
        """
        return not on_cpu(self.device) or self._given_policy is not None

    def _step(self) -> Update:
        batch, to_go, values, advantage, weight = self.weigh()
        settings, probabilities = self.settings, self._probabilities
        cotangent = reinforce.logit_cotangent(
            probabilities, batch.tally(weight), settings.batch_episodes
        )
        if self._own.bonus_given:
            log_probabilities = torch.log_softmax(self._policy.outputs.double(), -1)
            entropy = reinforce.entropy_cotangent(
                log_probabilities, batch.visits(), settings.batch_episodes
            )
            cotangent = cotangent - self._own.entropy_bonus[:, None, None] * entropy
        gradient = self._policy.gradient(cotangent)
        if on_cpu(self.device):
            require_finite(gradient)
        critic = self._baselines.critic
        critic_outputs = None if critic is None else critic.outputs
        self._baselines.learn(
            settings, batch, to_go, advantage, values, self.policy, probabilities,
            self._own.critic_learning_rate,
        )
        before = self.logits()
        parameters = self._policy.optimizer.flat.clone() if self.n_runs == 1 else None
        self._policy.step(gradient, self._own.learning_rate, self._own.gradient_clip)

        self._collected = None
        self.seen_from = None
        self.update += 1
        self.episodes += self.n_runs * settings.batch_episodes
        self._env_steps = self._env_steps + native(batch.lengths).sum()
        return Update(
            self.update, batch, weight, to_go[0], before, self.logits(), parameters,
            critic_outputs,
        )

    def _check_finite(self) -> None:
        looks_always = on_cpu(self.device)
        if not looks_always and self.update % CHECK_DEVICE_EVERY:
            return
        if not math.isfinite(float(self._policy.outputs.sum())):
            broken, good = self.update, self._good
            assert good is not None
            self.load_state(good)
            raise NotFiniteError(broken)
        if not looks_always:
            self._good = self.state()

    # --- changes

    def set_world(self, world: World) -> None:
        """Go on in another world; the policy of the cells is kept.

        Where it sees their neighbourhood, its parameters are kept: of a network all, of a table
        the rows of what could be seen at the last update already.

        Another size of grid or other moves start policy, optimiser and baselines anew.

        Raises:
            TrainingError: as the constructor does; nothing is changed then.
        """
        sampled = self._compile(world, self.settings)
        before, after = self.mdp, sampled.mdp
        shape = (before.rows, before.columns, before.moves)
        anew = (after.rows, after.columns, after.moves) != shape
        if anew and self._given_policy is not None:
            raise TrainingError("The policy that was given is for another grid or other moves.")
        self._sampled, self.world = sampled, world
        self._forget_batch()
        if anew:
            self._start_models()
        elif self.settings.features == "neighbourhood":
            self._look_again()

    def set_settings(self, settings: Settings | Sequence[Settings]) -> None:
        """Go on with other settings.

        Another architecture, width or other features start the policy anew, another optimiser its
        moments, and another credit or baseline the baseline.

        Raises:
            TrainingError: when an update might not fit in memory; nothing is changed then.
        """
        first = for_runs(settings, self.n_runs)[0]
        check_size(self._sampled.max_steps, self.n_runs, first.batch_episodes, self.device)
        before = self.settings
        self._take_settings(settings)
        self._forget_batch()

        def changed(*names: str) -> bool:
            return any(getattr(before, name) != getattr(first, name) for name in names)

        other_network = before.network != first.network
        if other_network and self._given_policy is None:
            self._start_models()
            return
        if changed("optimizer"):
            self._policy = self._learner(self.policy)
        if other_network or changed("optimizer"):
            self._start_baselines()
        elif changed("credit", "baseline", "discount_weighting"):
            self._start_baselines(self._baselines.critic)

    def to(self, device: str | torch.device) -> None:
        """Go on with the same numbers on another device."""
        state, self.device = self.state(), torch.device(device)
        self._sampled = self._sampled.to(self.device)
        self._streams = Streams(self.seeds, Purpose.EPISODES, self.device)
        self._take_settings(self.run_settings)
        self._policy = self._learner(self.policy)
        self._start_baselines()
        self.load_state(state)

    def rescue(
        self, world: World, settings: Settings | Sequence[Settings], state: TrainerState
    ) -> None:
        """Go on on the CPU from ``state``, taken under ``world`` and ``settings``.

        Nothing is asked of the device there was, which may have failed.  Settings that the CPU has
        no memory for are taken too: the next update tells.

        Raises:
            TrainingError: where the policy was given: it is lost with the device.
        """
        if self._given_policy is not None:
            raise TrainingError("The policy that was given lies on the device that failed.")
        self.device, self.world = torch.device("cpu"), world
        self._take_settings(settings)
        self._sampled = SampledMDP(compile_world(world), self.device)
        self._streams = Streams(self.seeds, Purpose.EPISODES, self.device)
        self._start_models()
        self.load_state(state)

    def state(self) -> TrainerState:
        """A copy of all that training goes on from, beside world and settings.

        Waits for the device.
        """
        return TrainerState(
            self.update,
            self.episodes,
            self.env_steps,
            self._policy.optimizer.state(),
            self._baselines.state(),
        )

    def load_state(self, state: TrainerState) -> None:
        """Continue exactly where ``state`` was taken, under the same world and settings."""
        self.update, self.episodes = state.update, state.episodes
        self._env_steps = state.env_steps
        self._policy.load_state(state.policy)
        self._baselines.load_state(state.baselines)
        self._forget_batch()
        self.seen_from = None

    # --- parts

    def _compile(self, world: World, settings: Settings) -> SampledMDP:
        sampled = SampledMDP(compile_world(world), self.device)
        check_size(sampled.max_steps, self.n_runs, settings.batch_episodes, self.device)
        return sampled

    def _take_settings(self, settings: Settings | Sequence[Settings]) -> None:
        self.run_settings = for_runs(settings, self.n_runs)
        self.settings = self.run_settings[0]
        self._own = OwnValues.of(self.run_settings, self.device)

    def _start_models(self) -> None:
        n_states, n_actions = self.mdp.n_states, self.mdp.n_actions
        policy = self._given_policy
        if policy is None:
            policy = self._make_policy()
        self._policy = self._learner(policy)
        shape = (self.n_runs, n_states, n_actions)
        if self._policy.outputs.shape != shape:
            found = list(self._policy.outputs.shape)
            raise TrainingError(f"The policy's logits must be {list(shape)}, not {found}.")
        self._start_baselines()

    def _start_baselines(self, critic: Learner | None = None) -> None:
        """Forget what returns were compared to; a ``critic`` that is still wanted is kept."""
        if self.settings.baseline != "critic":
            critic = None
        elif critic is None:
            critic = self._learner(self._make_policy(outputs=1))
        self._baselines = Baselines(self.n_runs, self.device, critic)
        self._forget_batch()
        self.seen_from = None

    def _make_policy(self, outputs: int | None = None) -> Policy:
        mdp, settings = self.mdp, self.settings
        inputs = inputs_of(settings.features, self.world)
        return make_policy(settings, mdp.n_states, mdp.n_actions, self.seeds, outputs, inputs)

    def _look_again(self) -> None:
        """The states look otherwise in the world as it is now.

        What is kept is taken from the last update, so that of several edits after it the last
        alone counts, and one that is undone leaves no trace.
        """
        inputs = inputs_of(self.settings.features, self.world)
        assert inputs is not None
        if self.seen_from is None:
            self.seen_from = self._policy, self._baselines.critic
        policy, critic = self.seen_from
        if self._given_policy is None:
            self._policy = policy.seeing(inputs)
        if critic is not None:
            self._baselines.critic = critic.seeing(inputs)

    def _learner(self, module: Policy) -> Learner:
        return Learner(module.to(self.device), self.n_runs, self.settings.optimizer)

    def _forget_batch(self) -> None:
        self._collected = None
        self._good = None
        self.last = None
