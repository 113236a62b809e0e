"""docs/deployment.md, carried out on this machine with servers of the distribution."""
