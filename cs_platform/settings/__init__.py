"""Settings: ``base`` holds what is true everywhere; the overlays differ by a few lines."""
