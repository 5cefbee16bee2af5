"""FrozenLake and CliffWalking of Gymnasium as worlds of this format, move for move.

Moves are listed in the order of their actions, so that action 0 is action 0.  Nothing here needs
Gymnasium: a map and its rules are facts.

Source: https://gymnasium.farama.org/environments/toy_text/
"""

from __future__ import annotations

from collections.abc import Sequence

from rlxent_core.world import FLOOR, MAX_SIDE, Tile, World, WorldError

FROZEN_LAKES = {
    "4x4": ("SFFF", "FHFH", "FFFH", "HFFG"),
    "8x8": (
        "SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF",
        "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG",
    ),
}  # fmt: skip
FROZEN_LAKE_STEPS = {"4x4": 100, "8x8": 200}
"""Steps after which Gymnasium truncates an episode."""
FROZEN_LAKE_MOVES = ("left", "down", "right", "up")
CLIFF_MOVES = ("up", "right", "down", "left")
SOURCE = "Gymnasium, toy-text environments"


def world_from_frozen_lake(
    desc: Sequence[str] | None = None,
    map_name: str = "4x4",
    is_slippery: bool = True,
    success_rate: float = 1 / 3,
    reward_schedule: tuple[float, float, float] = (1, 0, 0),
) -> World:
    """FrozenLake-v1: S start, F frozen, H hole, G goal; rows may come with line breaks.

    On slippery ice a move goes its way with ``success_rate``, else to either side alike.
    ``reward_schedule`` pays for arriving at the goal, in a hole, and anywhere else.

    Raises:
        WorldError: when there is no such map, or the description is none; one sentence.
    """
    if desc is None and map_name not in FROZEN_LAKES:
        raise WorldError(
            f"There is no lake “{map_name}”. There are: {', '.join(FROZEN_LAKES)}."
        )
    rows = FROZEN_LAKES[map_name] if desc is None else tuple(row.strip() for row in desc)
    _check_lake(rows)
    goal, hole, frozen = reward_schedule
    named = desc is None
    return World(
        map=tuple(row.replace("F", FLOOR) for row in rows),
        tiles={
            "S": Tile(start=1.0),
            "G": Tile(terminal=True, reward=goal - frozen),
            "H": Tile(terminal=True, reward=hole - frozen),
        },
        name=f"Frozen lake {map_name}" if named else "Frozen lake",
        source=SOURCE,
        moves=FROZEN_LAKE_MOVES,
        step_reward=frozen,
        slip=1 - success_rate if is_slippery else 0.0,
        max_steps=FROZEN_LAKE_STEPS[map_name] if named else 100,
    )


def _check_lake(rows: Sequence[str]) -> None:
    if not 0 < len(rows) <= MAX_SIDE:
        raise WorldError(f"A lake has 1 to {MAX_SIDE} rows, and this one has {len(rows)}.")
    strange = sorted(set("".join(rows)) - set("SFHG"))
    if strange:
        raise WorldError(
            f"A lake is made of S, F, H and G, and this one has {ascii(strange[0])[1:-1]}."
        )
    if not any("S" in row for row in rows):
        raise WorldError("The lake has no start: one of its cells must be S.")


def world_from_cliff_walking(is_slippery: bool = False) -> World:
    """CliffWalking-v1: −1 a step, −100 and back to the start for the cliff, an end at the goal."""
    return World(
        map=("." * 12,) * 3 + ("S" + "C" * 10 + "G",),
        tiles={
            "S": Tile(start=1.0),
            "C": Tile(respawn=True, reward=-99.0),
            "G": Tile(terminal=True),
        },
        name="Cliff walking",
        source=f"{SOURCE}; Sutton & Barto, Reinforcement Learning, 2nd ed. (2018), Example 6.6",
        moves=CLIFF_MOVES,
        step_reward=-1.0,
        slip=2 / 3 if is_slippery else 0.0,
        discount=1.0,
        max_steps=500,
    )
