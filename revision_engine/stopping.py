"""Set when the worker has been told to stop: what writes looks at it each step."""

import threading

told = threading.Event()
