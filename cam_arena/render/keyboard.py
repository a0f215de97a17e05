"""From keys to actions: who presses what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pygame
from numpy.typing import NDArray

from ..game.actions import action_id, drop_unread_direction
from ..roster.codes import Button, Direction

__all__ = ["BUTTON_WORDS", "ONE_PLAYER", "TWO_PLAYERS", "Keys", "Player"]

BUTTON_WORDS: Final = {
    Button.ATTACK: ("attack", "attack; again for the next hit of the chain"),
    Button.SKILL1: ("skill", "first skill; hold to charge where it can be held"),
    Button.SKILL2: ("skill", "second skill; the same"),
    Button.ULTIMATE: ("ultimate", "ultimate, with enough sparks"),
    Button.SLIP: ("slip", "slip, while being hit"),
    Button.SCROLL: ("scroll", "scroll"),
    Button.COMPANION_A: ("companion", "companion"),
    Button.TRAIT: ("trait", "trait, where there is one"),
}
"""What the buttons do, in a word and in a line."""


@dataclass(frozen=True)
class Keys:
    """The keys of one player."""

    up: tuple[int, ...]
    down: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    buttons: Mapping[int, Button]
    walk: str
    """What the keys that walk are called."""
    labels: Mapping[Button, str]
    """What the keys of the buttons are called."""

    def describe(self) -> str:
        """Return a line that says what the keys do."""
        parts = [f"{self.walk}: walk"]
        parts += [f"{self.labels[button]}: {word}" for button, (word, _) in BUTTON_WORDS.items()]
        return "   ".join(parts)


ONE_PLAYER: Final = Keys(
    up=(pygame.K_w, pygame.K_UP),
    down=(pygame.K_s, pygame.K_DOWN),
    left=(pygame.K_a, pygame.K_LEFT),
    right=(pygame.K_d, pygame.K_RIGHT),
    buttons={
        pygame.K_j: Button.ATTACK,
        pygame.K_k: Button.SKILL1,
        pygame.K_l: Button.SKILL2,
        pygame.K_i: Button.ULTIMATE,
        pygame.K_SPACE: Button.SLIP,
        pygame.K_u: Button.SCROLL,
        pygame.K_o: Button.COMPANION_A,
        pygame.K_p: Button.TRAIT,
    },
    walk="WASD or arrows",
    labels={
        Button.ATTACK: "J",
        Button.SKILL1: "K",
        Button.SKILL2: "L",
        Button.ULTIMATE: "I",
        Button.SLIP: "Space",
        Button.SCROLL: "U",
        Button.COMPANION_A: "O",
        Button.TRAIT: "P",
    },
)

TWO_PLAYERS: Final = (
    Keys(
        up=(pygame.K_w,),
        down=(pygame.K_s,),
        left=(pygame.K_a,),
        right=(pygame.K_d,),
        buttons={
            pygame.K_f: Button.ATTACK,
            pygame.K_g: Button.SKILL1,
            pygame.K_h: Button.SKILL2,
            pygame.K_t: Button.ULTIMATE,
            pygame.K_q: Button.SLIP,
            pygame.K_r: Button.SCROLL,
            pygame.K_y: Button.COMPANION_A,
            pygame.K_e: Button.TRAIT,
        },
        walk="WASD",
        labels={
            Button.ATTACK: "F",
            Button.SKILL1: "G",
            Button.SKILL2: "H",
            Button.ULTIMATE: "T",
            Button.SLIP: "Q",
            Button.SCROLL: "R",
            Button.COMPANION_A: "Y",
            Button.TRAIT: "E",
        },
    ),
    Keys(
        up=(pygame.K_UP,),
        down=(pygame.K_DOWN,),
        left=(pygame.K_LEFT,),
        right=(pygame.K_RIGHT,),
        buttons={
            pygame.K_KP1: Button.ATTACK,
            pygame.K_KP2: Button.SKILL1,
            pygame.K_KP3: Button.SKILL2,
            pygame.K_KP5: Button.ULTIMATE,
            pygame.K_KP0: Button.SLIP,
            pygame.K_KP4: Button.SCROLL,
            pygame.K_KP6: Button.COMPANION_A,
            pygame.K_KP_PLUS: Button.TRAIT,
        },
        walk="arrows",
        labels={
            Button.ATTACK: "1",
            Button.SKILL1: "2",
            Button.SKILL2: "3",
            Button.ULTIMATE: "5",
            Button.SLIP: "0",
            Button.SCROLL: "4",
            Button.COMPANION_A: "6",
            Button.TRAIT: "+",
        },
    ),
)

_DIRECTIONS: Final = {
    (0, 0): Direction.NONE,
    (1, 0): Direction.E,
    (1, 1): Direction.NE,
    (0, 1): Direction.N,
    (-1, 1): Direction.NW,
    (-1, 0): Direction.W,
    (-1, -1): Direction.SW,
    (0, -1): Direction.S,
    (1, -1): Direction.SE,
}


@dataclass
class Player:
    """One person at the keyboard: what is held, and the press that waits for the next tick."""

    keys: Keys
    mirrored: bool
    """Whether the fighter's own right is the picture's left: true of fighter_1."""
    held: set[int] = field(default_factory=set)
    press: Button = Button.NONE

    def take(self, event: pygame.event.Event) -> None:
        """Note a key that went down or up; other events are left alone."""
        if event.type == pygame.KEYDOWN:
            self.held.add(event.key)
            self.press = self.keys.buttons.get(event.key, self.press)
        elif event.type == pygame.KEYUP:
            self.held.discard(event.key)

    def let_go(self) -> None:
        """Forget all keys: for where their going up may not be seen, or nothing is to be kept."""
        self.held.clear()
        self.press = Button.NONE

    def action(self, mask: NDArray[np.int8], charges: Button = Button.NONE) -> int:
        """Return the action for the next tick; a press counts once.

        A direction that the button does not read is dropped. A press that is illegal anyway is
        dropped too, so that the fighter walks on.

        Args:
            mask: the fighter's action mask, int8 of shape (108,).
            charges: whose charge the fighter holds. It is let go when its keys are up.
        """
        x = self._is_down(self.keys.right) - self._is_down(self.keys.left)
        y = self._is_down(self.keys.up) - self._is_down(self.keys.down)
        direction = _DIRECTIONS[(-x if self.mirrored else x, y)]
        button, self.press = self.press, Button.NONE
        if charges and charges not in map(self.keys.buttons.get, self.held):
            button = Button.RELEASE
        action = drop_unread_direction(action_id(direction, button), mask)
        if mask[action]:
            return action
        return drop_unread_direction(action_id(direction, Button.NONE), mask)

    def _is_down(self, keys: tuple[int, ...]) -> int:
        return int(any(key in self.held for key in keys))
