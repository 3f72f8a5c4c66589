"""A shop that knows nothing of Carillon: its configuration is in its environment when it starts. Standard library only."""

import json
import os
import signal
import sys
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# orders.shipping-fee, features.express-shipping, …: `carillon run` makes variables of them.
SHOP = os.environ["SHOP_NAME"]
CURRENCY = os.environ["SHOP_CURRENCY"]
SHIPPING_FEE = Decimal(os.environ["ORDERS_SHIPPING_FEE"])
EXPRESS = os.environ["FEATURES_EXPRESS_SHIPPING"] == "true"
POOL = int(os.environ["ORDERS_DATABASE_POOL"])


class Quote(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"shop": SHOP, "shipping": f"{SHIPPING_FEE} {CURRENCY}", "express": EXPRESS, "pool": POOL}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Quote)
    # `carillon run` ends the program so before it starts it again with other values, and when it is told to end itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"http://127.0.0.1:{server.server_port}/quote, shipping {SHIPPING_FEE} {CURRENCY}", flush=True)
    try:
        server.serve_forever()
    finally:
        server.server_close()


if __name__ == "__main__":
    main()
