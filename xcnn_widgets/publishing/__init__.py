"""From a notebook to one HTML file whose widgets work without a kernel and without a network."""
