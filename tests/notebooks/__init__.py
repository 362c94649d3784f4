"""The teaching notebooks' stored outputs are complete, small and true."""
