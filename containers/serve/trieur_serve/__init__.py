"""Answers SageMaker's /ping and /invocations with a classifier that the training container left.

Knows that container only by the files it leaves: model.onnx, tokenizer.json and model.json.
"""
