"""The nodes of the operate graph, one file each."""
