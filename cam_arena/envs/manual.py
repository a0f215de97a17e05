"""What the envs' docstrings say alike: the rules, and tables that come from the code."""

import inspect
from typing import Final, TypeVar

from .._core import NUM_ACTIONS, NUM_BUTTONS, NUM_DIRECTIONS
from ..game.actions import action_tables
from ..game.latency import latency_table
from ..game.observations import VECTORS, observation_layout
from ..game.options import option_table
from ..game.rewards import reward_table

__all__ = ["with_manual"]

_RULES: Final = """\
## Description

Two fighters meet on a stage that has a length and a depth. Whoever brings the other to zero HP
wins; after 60 seconds the fighter with the larger share of its HP left wins, and equal shares
are a draw. Each plays a character of its own with its own speed, reach, chain of attacks, two
skills, an ultimate and sometimes a trait, and brings one scroll and one companion.

Attacks have ticks before, while and after they can hit; who is hit is stunned and can be hit
again, so hits make combos. A slip leaves a combo, costs a spark and then has to cool down. Sparks
come with time, with hits given and with damage taken; most ultimates cost all four. Grabs beat
armour and guards and lose to strikes.

Both agents act at the same time. A step is `frame_skip` ticks of 1/30 s.
"""

_REST: Final = """\
## Starting State

Both fighters stand apart at mirrored places with full HP, two sparks and no cooldowns. The seed
shifts both places alike and draws the characters that `characters` leaves open.
`reset(seed=..., options={"characters": ..., "scrolls": ..., "companions": ...})` names them for
one match. Without a seed the first match is random and each later one follows from it.

## Episode End

Both agents end together with the same flags: terminated when a fighter is beaten or the time of
`max_seconds` is up, truncated after `max_cycles` steps.
"""

_Class = TypeVar("_Class", bound=type)


def with_manual(cls: _Class) -> _Class:
    """Append the rules and the tables to a class's docstring."""
    presets = ", ".join(f"`{name}` {observation_layout(name).size}" for name in VECTORS)
    sections = [
        inspect.cleandoc(cls.__doc__ or "") + "\n",
        _RULES,
        "## Action Space\n",
        f"`Discrete({NUM_ACTIONS})`: action = {NUM_BUTTONS} * direction + button. With "
        '`action_space="multi_discrete"` it is\n'
        f"`MultiDiscrete([{NUM_DIRECTIONS}, {NUM_BUTTONS}])`, with `own` the `Discrete` of what "
        "the agent's character owns, as\n`own_actions` lists it. Action 0 is idle and "
        "always legal. An action that the mask forbids does\nnothing and is counted in "
        '`info["illegal_action"]`.\n',
        action_tables(),
        "## Observation Space\n",
        '`{"observation": float32 in [-1, 1], "action_mask": int8, 1 = legal}`, seen by the '
        "agent as if it had started on the\nleft. Numbers by preset: "
        f"{presets}; `cam_arena.observation_layout` names them. With `pixels` the\n"
        "observation is a uint8 picture, with `text` a string; with `latency` it is late, with "
        "`public` information\nthe opponent's secrets are 0 in it.\n",
        "## Rewards\n",
        "Own terms minus the opponent's, weighted; both agents' rewards sum to zero.\n",
        reward_table(),
        _REST,
        "## Arguments\n",
        option_table(),
        "## Latency\n",
        latency_table(),
        "## Version History\n\n* v0: the first.\n",
    ]
    cls.__doc__ = "\n".join(sections)
    return cls
