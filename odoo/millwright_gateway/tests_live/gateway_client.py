"""A small client for the scripts beside it: JSON-RPC with the standard library alone."""
import argparse
import json
import urllib.request

CLOSING = {"skip_backorder": True, "skip_consumption": True, "skip_immediate": True, "skip_redirection": True}


class Odoo:
    def __init__(self, url, database, login, password):
        self.url, self.database, self.password = url, database, password
        self.uid = self._rpc("common", "authenticate", [database, login, password, {}])
        if not self.uid:
            raise SystemExit("Odoo refuses the login %s" % login)
        self.major = int(self._rpc("common", "version", [])["server_version_info"][0])

    def _rpc(self, service, method, args):
        body = {"jsonrpc": "2.0", "id": 1, "method": "call",
                "params": {"service": service, "method": method, "args": args}}
        request = urllib.request.Request(
            self.url + "/jsonrpc", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=300) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RuntimeError("%(name)s: %(message)s" % answer["error"]["data"])
        return answer.get("result")

    def call(self, model, method, *args, **kwargs):
        return self._rpc("object", "execute_kw", [
            self.database, self.uid, self.password, model, method, list(args), kwargs])

    def make_orders(self, product, count):
        """Confirmed manufacturing orders of 2 pieces each, with their component moves: (id, name, {move: quantity})."""
        found = self.call("product.product", "search", [["default_code", "=", product]], limit=1)
        if not found:
            raise SystemExit("there is no product %s" % product)
        ids = self.call("mrp.production", "create", [{"product_id": found[0], "product_qty": 2.0}] * count)
        self.call("mrp.production", "action_confirm", ids)
        self.call("mrp.production", "action_assign", ids)
        names = {row["id"]: row["name"] for row in self.call("mrp.production", "read", ids, ["name"])}
        moves = {one: {} for one in ids}
        for row in self.call("stock.move", "search_read", [["raw_material_production_id", "in", ids]],
                             ["raw_material_production_id", "product_uom_qty"]):
            moves[row["raw_material_production_id"][0]][row["id"]] = row["product_uom_qty"]
        return [(one, names[one], moves[one]) for one in ids]

    def completion(self, moves):
        """The values that say 2 pieces were made and each component used up."""
        if self.major >= 17:
            used = {move: {"quantity": quantity, "picked": True} for move, quantity in moves.items()}
        else:
            used = {move: {"quantity_done": quantity} for move, quantity in moves.items()}
        return {"qty_producing": 2.0, "move_raw_ids": [[1, move, values] for move, values in used.items()]}

    def operation(self, key, order):
        """The completion of an order as the inbox takes it."""
        record, name, moves = order
        return {"key": key, "name": "production.complete", "lane": name, "steps": [
            {"guard": "mrp.production", "ids": [record], "code": "order_closed",
             "where": [["state", "in", ["confirmed", "progress", "to_close"]]]},
            {"write": "mrp.production", "ids": [record], "values": self.completion(moves)},
            {"call": "mrp.production", "method": "button_mark_done", "ids": [record], "context": CLOSING},
            {"guard": "mrp.production", "ids": [record], "where": [["state", "=", "done"]], "code": "not_done"},
            {"read": "mrp.production", "ids": [record], "fields": ["name", "state", "qty_produced"], "as": "after"}]}

    def submit(self, operations, source):
        return self.call("millwright.inbox", "submit", operations, source=source, seconds=100)["answers"]


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("url", help="such as http://127.0.0.1:8069")
    parser.add_argument("database")
    parser.add_argument("login", help="a user of the groups Manufacturing, Inventory and Millwright: service")
    parser.add_argument("password", help="its password or API key")
    parser.add_argument("--product", default="FURN_7800", help="internal reference of an untracked product with a BoM")
    parser.add_argument("--count", type=int, default=200)
    return parser
