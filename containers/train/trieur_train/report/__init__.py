"""What people read about a training."""
