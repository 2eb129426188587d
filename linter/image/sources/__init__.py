"""Where built images come from: archives, OCI layouts, daemons, registries."""
