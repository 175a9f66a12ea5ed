"""The measure for `speed.py`: a script inside Odoo that completes orders in the same batches, as the same user.

    LOGIN=mes COUNT=200 odoo-bin shell -d DATABASE --no-http < tests_live/speed_shell.py
"""
import os
import time

COUNT, BATCH = int(os.environ.get("COUNT", "200")), 50
env = globals()["env"]  # the shell's own
user = env["res.users"].search([("login", "=", os.environ["LOGIN"])])
orders = env(user=user.id, context={"lang": "en_US", "tz": "UTC"})["mrp.production"]
product = env["product.product"].search(
    [("default_code", "=", os.environ.get("PRODUCT", "FURN_7800"))], limit=1)
has_picked = "picked" in env["stock.move"]._fields
made = orders.create([{"product_id": product.id, "product_qty": 2.0} for _number in range(COUNT)])
made.action_confirm()
made.action_assign()
ids = made.ids
env.cr.commit()
env.invalidate_all()
began = time.monotonic()
for start in range(0, COUNT, BATCH):
    batch = orders.browse(ids[start:start + BATCH])
    for order in batch:
        order.write({"qty_producing": 2.0, "move_raw_ids": [
            (1, move.id, {"quantity": move.product_uom_qty, "picked": True} if has_picked
             else {"quantity_done": move.product_uom_qty}) for move in order.move_raw_ids]})
    batch.with_context(skip_backorder=True, skip_consumption=True, skip_immediate=True,
                       skip_redirection=True).button_mark_done()
    assert set(batch.mapped("state")) == {"done"}
    env.cr.commit()
spent = time.monotonic() - began
print("inside Odoo, %d a transaction: %d orders in %.2f s: %.1f/s" % (BATCH, COUNT, spent, COUNT / spent))
