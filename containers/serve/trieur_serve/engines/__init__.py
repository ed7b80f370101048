"""What computes the logits of token rows: kernels of our own where they fit the model and the processor, or ONNX
Runtime, which computes every graph everywhere."""
