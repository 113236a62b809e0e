"""Bases without models: API, admin, CSV, errors, paging. Knows nothing of the business."""
