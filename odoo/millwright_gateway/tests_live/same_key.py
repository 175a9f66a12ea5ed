"""Many callers hand in the same keys at once over HTTP: is each order completed once, and does everybody learn it?

    python3 tests_live/same_key.py http://127.0.0.1:8069 DATABASE LOGIN PASSWORD --count 20
"""
import random
import threading
import time
import uuid

from gateway_client import Odoo, arguments

CALLERS = 6


def main():
    given = arguments(__doc__).parse_args()
    odoo = Odoo(given.url, given.database, given.login, given.password)
    tag = "same-%s" % uuid.uuid4()
    orders = odoo.make_orders(given.product, given.count)
    answers, faults = {order[0]: [] for order in orders}, []

    def caller(number):
        mine = list(orders)
        random.Random(number).shuffle(mine)
        for start in range(0, len(mine), 5):
            batch = mine[start:start + 5]
            operations = [odoo.operation("%s/%d" % (tag, order[0]), order) for order in batch]
            for _attempt in range(20):
                try:
                    found = odoo.submit(operations, tag)
                    break
                except RuntimeError as error:  # Odoo gave up after its own five tries
                    faults.append(str(error).split("\n")[0][:60])
                    time.sleep(random.random())
            for order, answer in zip(batch, found):
                answers[order[0]].append(answer)

    began = time.monotonic()
    threads = [threading.Thread(target=caller, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    ids = [order[0] for order in orders]
    states = odoo.call("mrp.production", "read", ids, ["state", "qty_produced"])
    wrong = [row for row in states if (row["state"], row["qty_produced"]) != ("done", 2.0)]
    for record, found in answers.items():
        fresh = [answer for answer in found if not answer["replayed"]]
        if len(found) != CALLERS or len(fresh) != 1 or any(answer["status"] != "done" for answer in found):
            wrong.append((record, [(answer["status"], answer["code"], answer["replayed"]) for answer in found]))
    finished = odoo.call("stock.move", "search_count", [["production_id", "in", ids], ["state", "=", "done"]])
    if finished != len(ids):
        wrong.append("%d finished moves for %d orders" % (finished, len(ids)))
    print("%d callers, %d keys, %.1f s, %d calls given up by Odoo and made again" % (
        CALLERS, len(ids), spent, len(faults)))
    print("FAILED: %s" % wrong[:5] if wrong else "each order was completed once, and every caller got its answer")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
