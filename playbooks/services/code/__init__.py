"""Playbooks as code: files read, checked, compared with what is there, written and imported."""
