#!/usr/bin/env python3
"""An MTConnect adapter for tests: plays a file of SHDR lines to whoever connects.

Prints one JSON object a line on standard output: {"port": n} first, then {"accepted": n}, {"ping": n}, {"closed": n}.
Ends when its standard input ends, so that it never outlives the test that started it.

  --file F          the lines to play
  --split TEXT      begin a new session at each line that holds TEXT; each connection gets the next session,
                    and all but the last are closed by the adapter behind it
  --half BYTES      bytes without a line end, sent before a session is closed
  --pong MS         answer "* PING" with "* PONG MS"
  --mute N          answer N pings, then none
"""
import argparse
import json
import socket
import socketserver
import sys
import threading


def sessions(path, split):
    lines = open(path, "rb").read().splitlines(keepends=True) if path else []
    parts = [[]]
    for line in lines:
        if split and split.encode() in line and parts[-1]:
            parts.append([])
        parts[-1].append(line)
    return [b"".join(part) for part in parts]


class Adapter(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", 0), Connection)
        self.options = options
        self.sessions = sessions(options.file, options.split)
        self.lock = threading.Lock()
        self.accepted = 0
        self.pings = 0

    def say(self, **words):
        with self.lock:
            print(json.dumps(words), flush=True)


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        server = self.server
        with server.lock:
            number = server.accepted
            server.accepted += 1
        server.say(accepted=number + 1)
        # An answer to a ping must not come in the middle of a line.
        self.sending, self.over = threading.Lock(), False
        listener = threading.Thread(target=self.listen, daemon=True)
        listener.start()
        try:
            with self.sending:
                if number < len(server.sessions):
                    self.request.sendall(server.sessions[number])
                if number + 1 < len(server.sessions):
                    self.request.sendall(server.options.half.encode())
                    # Closing with a ping unread would reset the connection and take back what was not yet delivered.
                    self.request.shutdown(socket.SHUT_WR)
                    self.over = True
            listener.join()
        except OSError:
            pass
        server.say(closed=number + 1)

    def listen(self):
        server, rest = self.server, b""
        while True:
            try:
                data = self.request.recv(4096)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if line.strip() != b"* PING":
                    continue
                with server.lock:
                    server.pings += 1
                    count = server.pings
                server.say(ping=count)
                if server.options.pong and count <= server.options.mute:
                    with self.sending:
                        if not self.over:
                            self.request.sendall(b"* PONG %d\n" % server.options.pong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file")
    parser.add_argument("--split")
    parser.add_argument("--half", default="")
    parser.add_argument("--pong", type=int, default=0)
    parser.add_argument("--mute", type=int, default=1 << 30)
    adapter = Adapter(parser.parse_args())
    threading.Thread(target=adapter.serve_forever, daemon=True).start()
    adapter.say(port=adapter.server_address[1])
    sys.stdin.read()


main()
