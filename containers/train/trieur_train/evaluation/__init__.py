"""How good a model's answers are, from logits and targets; numpy only."""
