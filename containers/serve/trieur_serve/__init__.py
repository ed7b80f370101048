"""Answers SageMaker's /ping and /invocations with a classifier that the training container left.

Knows that container only by the files it leaves: model.onnx, tokenizer.json and model.json.
"""

import os

# ONNX Runtime would report its use to its maker, from a thread and a file of their own. Read when it is first loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
