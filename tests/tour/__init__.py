"""The ten-minute tour of ``docs/api.md``, taken word for word."""
