"""The pages, one module each: what a request asks for, read from the place, into a template."""
