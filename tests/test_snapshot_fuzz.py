"""Snapshots in which any byte was changed, checksum and all: refused, or a sound match.

Under the sanitizers every byte is tried; without them a few, since only a crash would show.
"""

import os

import numpy as np
import pytest

import cam_arena
from cam_arena import Match, _core, bots
from cam_arena.errors import SnapshotError
from cam_arena.game.snapshots import seal

IS_SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
STRIDE = 1 if IS_SANITIZED else 149
SCRIPT = [[1, 0, 5], [0, 1, 3], [5, 2, 4]]
LATE = {"obs_delay": 5, "jitter": 1, "act_delay": 4}
CASES = {
    **{name: {"bot": f"{name}:2"} for name in bots.names()},
    "script": {"bot": "openloop"},
    "plan": {"bot": "planner:6"},
    "late": {"bot": "planner:5", "latency": LATE},
    "late, all": {"latency": {**LATE, "delay_self": True}, "information": "public"},
    "public": {"bot": "baiter:5", "information": "public", "observation": "entities"},
    "own": {"action_space": "own", "loadout": "trio", "observation": "descriptor"},
    "tiny": {"observation": "tiny", "action_space": "multi_discrete"},
}


def begun(case, *, steps=30, **options):
    """A match some way in, with a bot in a seat if the case has one."""
    options = {**CASES[case], **options, "frame_skip": 6}
    bot = options.pop("bot", None)
    match = Match(3, **options)
    match.set_bot(0, bot)
    if case == "script":
        match._batch.set_script(0, 0, SCRIPT)
    match.reset(3)
    rng = np.random.default_rng(3)
    for _ in range(steps):
        masks = [match.action_mask(seat) for seat in range(2)]
        if options.get("action_space") == "multi_discrete":
            match.step([rng.integers([9, 12]) for _ in range(2)])
        else:
            match.step([int((rng.random(len(mask)) * mask).argmax()) for mask in masks])
    assert not match.is_over
    return match


def mutations(body, place):
    """Other values of a byte, and the extremes of the number of 16 or 32 bits that begins there."""
    for value in {0, 1, 0x7F, 0x80, 0xFF, body[place] ^ 1} - {body[place]}:
        yield bytes([value])
    for size in (2, 4):
        if place % size == 0 and place + size <= len(body):
            for value in (1 << 8 * size - 1, (1 << 8 * size - 1) - 1):
                yield value.to_bytes(size, "little")


class Player:
    """Plays a batch's only match on for 30 ticks."""

    def __init__(self, batch):
        self.batch = batch
        shape = (5, 1, batch.num_fighters)
        self.seen = np.empty((*shape, batch.observation_size), np.float32)
        self.masks = np.empty((*shape, _core.NUM_ACTIONS), np.int8)
        self.rewards = np.empty(shape[1:], np.float32)
        self.terms = np.empty((*shape[1:], 5), np.float32)
        self.actions = np.random.default_rng(0).integers(-3, 112, shape).astype(np.int32)

    def assert_sound(self):
        batch = self.batch
        for actions, seen, masks in zip(self.actions, self.seen, self.masks, strict=True):
            batch.observe(seen)
            batch.action_masks(masks)
            batch.advance(actions)
            batch.rewards(self.rewards, self.terms)
            blue, red = self.batch.sizes
            assert (self.rewards[:, :blue] == -self.rewards[:, -1:]).all()
            assert (self.rewards[:, -red:] == self.rewards[:, -1:]).all()
        assert np.abs(self.seen).max() <= 1  # False for a NaN too
        assert self.masks[..., 0].all()
        assert batch.check(0) == ""


def begun_teams(sizes, *, late):
    """A match of teams some way in, of which a bot plays the last seat."""
    delays = [(5, 2, 1, 1, 0.1, False)] * sum(sizes)
    batch = _core.Batch(
        cam_arena.load_roster().data, 1, sizes=sizes, observation=_core.OBSERVATIONS["squad"],
        public=late, latency=delays if late else None,
    )  # fmt: skip
    batch.set_bot(0, sum(sizes) - 1, _core.BOTS["planner"], 3)
    batch.reset(0, 3)
    rng = np.random.default_rng(3)
    masks = np.empty((1, sum(sizes), _core.NUM_ACTIONS), np.int8)
    for _ in range(30):
        batch.action_masks(masks)
        batch.advance((rng.random(masks.shape) * masks).argmax(-1).astype(np.int32))
    return batch


@pytest.mark.parametrize("case", CASES)
def test_a_match_from_forged_bytes_is_refused_or_sound(case):
    assert_refused_or_sound(begun(case)._batch, STRIDE)


@pytest.mark.parametrize("late", [False, True], ids=["present", "late"])
@pytest.mark.parametrize("sizes", [(2, 2), (1, 3), (5, 5)])
def test_teams_from_forged_bytes_are_refused_or_sound(sizes, late):
    batch = begun_teams(sizes, late=late)
    fewest = len(batch.snapshot(0)) // (4_000 if IS_SANITIZED else 60)
    assert_refused_or_sound(batch, max(STRIDE, fewest | 1))


def assert_refused_or_sound(batch, stride):
    """Try changes of a match's bytes, `stride` apart."""
    good, before = batch.snapshot(0), batch.hash(0)
    player = Player(batch)
    refused = accepted = 0
    for place in range(0, len(good), stride):
        for value in mutations(good, place):
            try:
                batch.restore(0, good[:place] + value + good[place + len(value) :])
            except ValueError:
                refused += 1
                assert batch.hash(0) == before
                continue
            accepted += 1
            player.assert_sound()
            batch.restore(0, good)
    assert refused > 0 < accepted
    assert batch.snapshot(0) == good


def forged(match, snapshot, place, value):
    """The snapshot with other bytes in its body, under a checksum that fits."""
    start = len(match._header) + 4
    body = bytearray(snapshot[start:])
    body[place : place + len(value)] = value
    return seal(match._header, bytes(body))


def test_forged_past_frames_are_refused_or_in_range():
    match = begun("zoner", frame_stack=3)
    good, before = match.snapshot(), match.observations()
    body = good[len(match._header) + 4 :]
    start = len(body) - match._frames[1:].nbytes
    refused = accepted = 0
    for place in range(start, len(body), 4 * max(STRIDE // 8, 1)):
        for value in (np.nan, -np.inf, 1e37, np.nextafter(np.float32(1), 2), -1, 0.5):
            try:
                match.restore(forged(match, good, place, np.float32(value).tobytes()))
            except SnapshotError as error:
                refused += 1
                assert "past observation" in str(error)
                assert np.array_equal(match.observations(), before)
                continue
            accepted += 1
            assert np.abs(match.observations()).max() <= 1
            match.restore(good)
    assert refused == 2 * accepted > 0


@pytest.mark.parametrize(
    ("field", "offset", "value", "sentence"),
    [
        ("kind", 12, b"\xc8", "a bot is of an unknown kind"),
        ("level", 13, b"\xff", "a bot's level is out of range"),
        ("level", 13, b"\x00", "a bot's level is out of range"),
        ("sight", 16 + 8, b"\xff\x7f", "a bot saw a move that is not in the roster"),
        ("sight", 16 + 16, b"\x63", "a bot saw an unknown state"),
        ("script", 16 + 16 * 20, b"\x41", "a bot's script"),
        ("forecast", 16 + 16 * 20 + 200, b"\xff\x7f", "forecast is of what it has not seen"),
        ("deed", 16 + 16 * 20 + 204, b"\x63", "an unknown deed"),
        ("belief", 16 + 16 * 20 + 208, b"\xff\xff", "beliefs do not add up"),
    ],
)
def test_a_forged_bot_is_named_and_the_match_stays(field, offset, value, sentence):
    match = begun("plan")
    good = match.snapshot()
    place = match._batch.state_size + offset
    with pytest.raises(SnapshotError, match=sentence):
        match.restore(forged(match, good, place, value))
    assert match.snapshot() == good
    other = Match(0, frame_skip=6)
    other.restore(good)
    assert other.hash() == match.hash()
