"""The embedded Redis."""

import signal
import socket
import subprocess

from cs_platform.embedded.binaries import redis_server
from cs_platform.embedded.process import spawn
from cs_platform.embedded.server import Server

# One per parallel test worker.
DATABASES = 64


class Redis(Server):
    """Redis with an append-only file, or with nothing on disk if it need not be durable."""

    name = "Redis"
    orderly = signal.SIGTERM
    at_once = signal.SIGKILL

    def launch(self, output: int) -> subprocess.Popen[bytes]:
        """Start the process."""
        folder = self.data / "redis"
        folder.mkdir(mode=0o700, exist_ok=True)
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "dir": str(folder),
            "databases": str(DATABASES),
            "appendonly": "yes" if self.durable else "no",
            "save": "",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return spawn([redis_server(), *arguments], env={}, cwd=folder, output=output)

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Ask for the process id, which another server on the port would answer differently."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.settimeout(1)
                connection.sendall(b"INFO server\r\n")
                return f"process_id:{process.pid}\r\n".encode() in connection.recv(4096)
        except OSError:
            return False

    def environment(self) -> dict[str, str]:
        """Return ``REDIS_URL``."""
        return {"REDIS_URL": f"redis://127.0.0.1:{self.port}/0"}
