"""What an asset needs before it can be sent: its files uploaded, its references turned into ids, its name from its content.

Each `resolve_…` gives a new entity, ready for `to_body`; the one it was given stays as it was.
"""

from mlsdk.assets.places import download
from mlsdk.assets.references import is_remote, local_path

__all__ = ["download", "is_remote", "local_path"]
