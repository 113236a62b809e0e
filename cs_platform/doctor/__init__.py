"""``manage.py doctor``: what is wrong with an installation, and what to do about it.

A check is a function that returns one finding; ``examination.CHECKS`` lists them in their order.
"""
