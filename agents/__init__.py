"""The reference trainers: one training scheme a file, each with `Config` and `train`."""
