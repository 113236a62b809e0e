"""Runs and tasks, driven at random beside a small model of what they promise."""
