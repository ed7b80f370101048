"""The console: pages, served on this machine only, over what is in the AWS account."""
