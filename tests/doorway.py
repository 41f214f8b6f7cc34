"""A way to a server that a test can shut, or leave without an answer, and reopen."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Doorway:
    """Forwards a local port to a server, as long as it is open.

    Shut, it refuses and drops connections: a server that was killed. Silent, it takes
    connections and answers nothing: one that was stopped.
    """

    def __init__(self, port: int) -> None:
        self.target = port
        self.flows = threading.Event()
        self.sockets: list[socket.socket] = []
        self.listener = self._listen(0)
        self.port: int = self.listener.getsockname()[1]
        self.open()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        return socket.create_server(("127.0.0.1", port))

    def open(self) -> None:
        if self.listener.fileno() == -1:
            self.listener = self._listen(self.port)
        if not self.flows.is_set():
            self.flows.set()
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def shut(self) -> None:
        with suppress(OSError):  # wakes the thread that accepts
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for each in self.sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self.sockets.clear()

    def silence(self) -> None:
        self.flows.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=ends, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                self.flows.wait()
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
