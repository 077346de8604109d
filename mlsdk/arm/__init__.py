"""Azure Resource Manager over any backend: exchanges and their errors, pages, long-running operations."""
