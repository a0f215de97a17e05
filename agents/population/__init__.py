"""Populations: members, who beats whom, and whom to meet next."""
