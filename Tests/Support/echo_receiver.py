#!/usr/bin/env python3
"""A receiver that takes nothing and repeats everything: each POST is answered 400 with its own header fields and body.

Argument: a file that the bodies are appended to. Says `port N` and ends when its standard input does.
"""
import http.server
import os
import sys
import threading

bodies = open(sys.argv[1], "ab", buffering=0)


class Echo(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        bodies.write(body + b"\n")
        # What is secret comes first, where an excerpt shows it.
        fields = sorted(self.headers.items(), key=lambda field: field[0].lower() not in ("authorization", "x-key"))
        words = "\r\n".join(f"{name}: {value}" for name, value in fields).encode() + b"\r\n\r\n" + body
        self.send_response(400)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print(f"port {server.server_port}", flush=True)
server.serve_forever()
