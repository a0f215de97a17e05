"""Saved policies as opponents: the directory of a policy, or of a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from cam_arena.errors import CheckpointError
from cam_arena.roster import Roster

from .cam import slug
from .population.members import PolicyMember, find_policy, member_of

if TYPE_CHECKING:
    from .sb3_member import Sb3Member

__all__ = ["RunPolicies", "load_policy"]


class RunPolicies:
    """The policies of a run with specialists: each character is played by its own.

    A character without a specialist is played by the shared policy.
    """

    def __init__(self, run: Path, shared: "PolicyMember | Sb3Member", roster: Roster) -> None:
        """Take a run's directory and its shared policy; specialists are read when they play."""
        self.name, self.roster = run.name, roster.id
        self._run, self._roster = run, roster
        self._policies: dict[str, PolicyMember | Sb3Member] = {}
        self.shared = shared
        self.observation, self.characters, self.met = (
            shared.observation,
            shared.characters,
            shared.met,
        )

    def for_character(self, name: str) -> "PolicyMember | Sb3Member":
        """Return the policy that plays a character.

        Raises:
            CheckpointError: if its specialist is damaged.
        """
        folder = self._run / "specialists" / slug(name)
        if not folder.is_dir():
            return self.shared
        if name not in self._policies:
            self._policies[name] = _load_one(folder, name, self._roster)
        return self._policies[name]


def load_policy(root: Path | str, *, roster: Roster) -> "PolicyMember | Sb3Member | RunPolicies":
    """Read what a directory stands for as an opponent.

    Args:
        root: the directory of a policy, which stands for its newest intact checkpoint; of one
            checkpoint; or of a run, which stands for its policy, or for the specialist of whichever
            character it plays.
        roster: of the matches.

    Raises:
        OtherRosterError: if it was trained on another roster.
        CheckpointError: if there is no intact policy, or it saw another layout of its observation.
    """
    root = Path(root)
    name = root.parent.name if root.name == "policy" else root.name
    found = _load_one(root, name, roster)
    if (root / "specialists").is_dir():
        return RunPolicies(root, found, roster)
    return found


def _load_one(root: Path, name: str, roster: Roster) -> "PolicyMember | Sb3Member":
    found = find_policy(root, roster=roster)
    if found.state.get("kind") == "sb3":
        from .sb3_member import sb3_member_of  # Stable-Baselines3 takes a second to import

        return sb3_member_of(found, name, roster)
    if "policy" not in found.state:
        raise CheckpointError(f"{found.path}: does not hold a policy; give the directory of one")
    return member_of(found, name, roster)
