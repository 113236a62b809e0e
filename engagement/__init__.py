"""Carrying out: enrolments, check-ins, tasks and their planning."""
