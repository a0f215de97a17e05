"""The characters, one file a school."""
