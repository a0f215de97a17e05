"""What `cam-arena reproduce` measures: the CAM paper's experiments, those beyond it, its claims."""
