"""A web server for the tests: server.py DIRECTORY PORT ranges|whole|cut READY-FILE. `cut` breaks off after 1,000,000 bytes."""
import http.server
import pathlib
import re
import sys

directory, port, mode, ready = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        print(f"GET {self.path} Range: {wanted}", flush=True)
        try:
            body = pathlib.Path(directory, self.path.lstrip("/")).read_bytes()
        except OSError:
            self.send_error(404)
            return
        start = int(re.match(r"bytes=(\d+)-", wanted)[1]) if wanted and mode == "ranges" else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        self.wfile.write(body[start:1_000_000] if mode == "cut" else body[start:])
        self.close_connection = True

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", int(port)), Handler)
pathlib.Path(ready).touch()
server.serve_forever()
