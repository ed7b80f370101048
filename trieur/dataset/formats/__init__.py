"""One module an export format: how its records say text and label."""
