"""The teaching core of rlxent: torch and numpy, no Qt, no threads."""
