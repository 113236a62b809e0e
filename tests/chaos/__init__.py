"""Planning under fire: ``python -m tests.chaos`` kills what it can, and then counts."""
