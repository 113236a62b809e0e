"""Playbooks as code: a file in YAML that people write, compare and keep beside their other code.

``document`` is what a file says, ``reading`` and ``writing`` go from text to it and back, ``rows``
takes it from the database. The services that write it there are in ``playbooks.services.code``.
"""
