"""The sandbox model's rules for mending Terraform: from diagnostics, files and schemas, and nothing else."""
