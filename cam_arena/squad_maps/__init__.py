"""The named maps of teams, a TOML file each."""
