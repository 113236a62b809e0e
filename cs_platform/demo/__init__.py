"""Two demo organizations with their markets, people and cadences."""
