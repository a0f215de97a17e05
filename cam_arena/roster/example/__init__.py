"""The character that `cam-arena roster new` begins a roster with."""
