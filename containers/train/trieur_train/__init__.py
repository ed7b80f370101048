"""Trieur's training container: fine-tunes a CamemBERT on one classifier's examples and exports it for serving."""

import os

# ONNX Runtime would report its use to its maker, from a thread and a file of their own. Read when it is first loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
