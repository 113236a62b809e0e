"""A mail server's IMAP side, as far as a reader of headers needs it. Source: RFC 3501."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Post:
    """The mails of one folder, with their flags, by uid."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, mail: bytes) -> int:
        """Deliver a mail."""
        uid = len(self.mails) + 1
        self.mails[uid], self.flags[uid] = mail, set()
        return uid


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("* OK ready")
        for line in self.rfile:
            tag, _, rest = line.decode().strip().partition(" ")
            self.server.post.asked.append(rest)  # type: ignore[attr-defined]
            command = rest.upper()
            if command.startswith("LOGOUT"):
                self._say("* BYE", f"{tag} OK bye")
                return
            self._say(*self._answer(command, rest, tag))

    def _answer(self, command: str, rest: str, tag: str) -> list[str]:
        post: Post = self.server.post  # type: ignore[attr-defined]
        if command.startswith("CAPABILITY"):
            return ["* CAPABILITY IMAP4rev1", f"{tag} OK done"]
        if command.startswith("LOGIN"):
            known = 'LOGIN log "secret"' in rest
            return [f"{tag} OK in" if known else f"{tag} NO [AUTHENTICATIONFAILED] wrong"]
        if command.startswith("SELECT"):
            return [f"* {len(post.mails)} EXISTS", f"{tag} OK [READ-WRITE] done"]
        if command.startswith("UID SEARCH UNSEEN"):
            unseen = [str(uid) for uid, flags in post.flags.items() if "\\Seen" not in flags]
            return [f"* SEARCH {' '.join(unseen)}".rstrip(), f"{tag} OK done"]
        if found := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[HEADER\]\)", command):
            uid = int(found[1])
            head = post.mails[uid].partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            opening = f"* {uid} FETCH (UID {uid} BODY[HEADER] {{{len(head)}}}\r\n"
            self.wfile.write(opening.encode() + head)
            return [")", f"{tag} OK done"]
        if found := re.match(r"UID STORE (\d+) \+FLAGS\.SILENT \((.*)\)", rest):
            post.flags[int(found[1])] |= set(found[2].split())
            return [f"{tag} OK done"]
        return [f"{tag} BAD what?"]

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())


@contextmanager
def imap_server() -> Iterator[Post]:
    """Serve one folder while the block lasts."""
    post = Post()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        server.post = post  # type: ignore[attr-defined]
        post.url = f"imap://log:secret@127.0.0.1:{server.server_address[1]}/INBOX"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield post
        server.shutdown()
        thread.join()
