"""The parts of the Variance scene."""
