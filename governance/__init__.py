"""Layer 1: what customer success is for, how it is measured, and what no market may break."""
