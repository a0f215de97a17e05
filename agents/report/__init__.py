"""One page that shows what a run learned, and what its numbers do not show."""

from .write import write_report

__all__ = ["write_report"]
