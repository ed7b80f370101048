"""What a training starts from: a pretrained base model, wherever it lies, or a small CamemBERT made on the spot."""
