"""One page that shows what a run learned, and what its numbers do not show."""

from .write import REPORT_NAME, VIDEO_NAME, left_out, write_report

__all__ = ["REPORT_NAME", "VIDEO_NAME", "left_out", "write_report"]
