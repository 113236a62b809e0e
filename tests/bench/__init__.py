"""What must be fast, measured: ``python -m tests.bench [name ...]``."""
