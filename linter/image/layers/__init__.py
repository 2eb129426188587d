"""The layers of built images: read once, in a stream, and put on each other."""
