"""The `trieur` command: what a person types."""
