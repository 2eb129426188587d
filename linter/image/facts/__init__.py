"""What a built image says about itself, as facts."""
