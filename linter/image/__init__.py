"""Built images: where they come from, what their layers hold, and the files that a container would see.

A source (`archive`, `layout`, `daemon`, `registry`) gives manifests and streams of blobs; `scan` reads a layer once, in
a stream, into what is needed of it; `merge` lays the layers on each other. Nothing is written to disk, and nothing that
a layer holds is run.
"""
