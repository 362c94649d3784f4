"""What outlives the kernel: pages that need neither Python nor a network."""
