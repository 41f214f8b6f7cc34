"""PostgreSQL and Valkey of our own, for a machine that has neither.

Both listen on 127.0.0.1 behind a password. PostgreSQL refuses to run as root: then it
runs as `nobody`, in a folder that user can reach.
"""

from annotator.config.embedded.postgres import EmbeddedPostgres
from annotator.config.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
