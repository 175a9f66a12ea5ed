"""How fast are manufacturing orders completed through the addon, and by a usual script, one call after the other?

    python3 tests_live/speed.py http://127.0.0.1:8069 DATABASE LOGIN PASSWORD --count 200

Where the library OdooRPC is installed (`pip install odoorpc`), also by a script that is written as its manual says. The
figure to compare with, a script inside Odoo with the same batches, comes from `speed_shell.py`.
"""
import time
import urllib.parse
import uuid
import xmlrpc.client

from gateway_client import CLOSING, Odoo, arguments

try:
    import odoorpc
except ImportError:
    odoorpc = None

BATCH = 50


def through_the_addon(odoo, orders):
    tag = "speed-%s" % uuid.uuid4()
    for start in range(0, len(orders), BATCH):
        answers = odoo.submit(
            [odoo.operation("%s/%d" % (tag, order[0]), order) for order in orders[start:start + BATCH]], tag)
        bad = [answer for answer in answers if answer["status"] != "done"]
        if bad:
            raise SystemExit("not done: %s" % bad[:3])


def one_by_one(odoo, orders, call):
    """With as few calls as one order takes: find it by its name, read, write, mark done, look."""
    for _record, name, _moves in orders:
        (order,) = call("mrp.production", "search_read", [["name", "=", name]], fields=["state", "move_raw_ids"])
        moves = call("stock.move", "read", order["move_raw_ids"], ["product_uom_qty"])
        values = odoo.completion({move["id"]: move["product_uom_qty"] for move in moves})
        call("mrp.production", "write", [order["id"]], values)
        call("mrp.production", "button_mark_done", [order["id"]], context=CLOSING)
        (after,) = call("mrp.production", "read", [order["id"]], ["state"])
        if after["state"] != "done":
            raise SystemExit("%s is %s" % (name, after["state"]))


def record_by_record(odoo, orders, records):
    """What a usual script does over OdooRPC: records that are read as they are looked at and written as they are set."""
    productions = records.env["mrp.production"]
    for _record, name, _moves in orders:
        (found,) = productions.search([("name", "=", name)])
        order = productions.browse(found)
        order.qty_producing = 2.0
        for move in order.move_raw_ids:
            if odoo.major >= 17:
                move.quantity = move.product_uom_qty
                move.picked = True
            else:
                move.quantity_done = move.product_uom_qty
        productions.with_context(**CLOSING).browse(found).button_mark_done()
        if productions.browse(found).state != "done":
            raise SystemExit("%s is not done" % name)


def main():
    parser = arguments(__doc__)
    parser.add_argument("--usual", type=int, default=60, help="how many orders the slow ways get")
    given = parser.parse_args()
    odoo = Odoo(given.url, given.database, given.login, given.password)
    xml = xmlrpc.client.ServerProxy(given.url + "/xmlrpc/2/object", allow_none=True)

    def over_xml(model, method, *args, **kwargs):
        return xml.execute_kw(given.database, odoo.uid, given.password, model, method, list(args), kwargs)

    ways = [
        ("through the addon, %d a call" % BATCH, given.count, lambda orders: through_the_addon(odoo, orders)),
        ("one by one, JSON-RPC", given.usual, lambda orders: one_by_one(odoo, orders, odoo.call)),
        ("one by one, XML-RPC", given.usual, lambda orders: one_by_one(odoo, orders, over_xml)),
    ]
    if odoorpc:
        address = urllib.parse.urlsplit(given.url)
        records = odoorpc.ODOO(address.hostname, port=address.port or 80, timeout=300)
        records.login(given.database, given.login, given.password)
        ways.append(("record by record, OdooRPC", given.usual, lambda orders: record_by_record(odoo, orders, records)))
    for name, count, way in ways:
        orders = odoo.make_orders(given.product, count)
        began = time.monotonic()
        way(orders)
        spent = time.monotonic() - began
        print("Odoo %d, %-28s %4d orders in %6.2f s: %5.1f/s" % (odoo.major, name, count, spent, count / spent))


if __name__ == "__main__":
    main()
