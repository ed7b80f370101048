"""How a network learns from the training split."""
