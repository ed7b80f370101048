"""Trieur's training container: fine-tunes a CamemBERT on one classifier's examples and exports it for serving."""
