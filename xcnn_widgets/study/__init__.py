"""What a person explores, without a screen; knows no widgets."""
