from odoo.tests.common import TransactionCase, new_test_user, tagged

from .common import read_all

CLOSING = {"skip_backorder": True, "skip_consumption": True, "skip_immediate": True, "skip_redirection": True}


@tagged("post_install", "-at_install")
class TestManufacturing(TransactionCase):
    """The business operations that the addon was made for, by a plain user; skipped where the app is missing."""

    def setUp(self):
        super().setUp()
        if "mrp.production" not in self.env:
            self.skipTest("Manufacturing is not installed")
        groups = ["base.group_user", "mrp.group_mrp_user", "stock.group_stock_user", "millwright_gateway.group_service"]
        if self.env.ref("account.group_account_readonly", raise_if_not_found=False):
            # From 19 on, splitting an order reads journal entries where accounting is installed.
            groups.append("account.group_account_readonly")
        self.service = new_test_user(self.env, login="gateway_mes", groups=",".join(groups))
        self.mes = self.env(user=self.service)
        template = {"detailed_type": "product"}
        if "is_storable" in self.env["product.template"]._fields:
            template = {"type": "consu", "is_storable": True}
        self.product, self.part = self.env["product.product"].create([
            dict(template, name="Gateway product"), dict(template, name="Gateway part")])
        self.env["mrp.bom"].create({
            "product_tmpl_id": self.product.product_tmpl_id.id, "product_qty": 1,
            "bom_line_ids": [(0, 0, {"product_id": self.part.id, "product_qty": 3})]})
        self.done_field = "quantity" if "picked" in self.env["stock.move"]._fields else "quantity_done"

    def orders(self, count):
        orders = self.mes["mrp.production"].create(
            [{"product_id": self.product.id, "product_qty": 4} for _number in range(count)])
        orders.action_confirm()
        self.env.cr.flush()
        return orders

    def complete(self, order, quantity=4, rest=False):
        used = {self.done_field: quantity * 3}
        if self.done_field == "quantity":
            used["picked"] = True
        context = dict(CLOSING, mo_ids_to_backorder=[order.id]) if rest else CLOSING
        return {"key": "complete/%d" % order.id, "name": "production.complete", "lane": order.name, "steps": [
            {"guard": "mrp.production", "ids": [order.id], "code": "order_closed",
             "where": [["state", "in", ["confirmed", "progress", "to_close"]]]},
            {"write": "mrp.production", "ids": [order.id], "values": {
                "qty_producing": quantity, "move_raw_ids": [[1, move.id, used] for move in order.move_raw_ids]}},
            {"call": "mrp.production", "method": "button_mark_done", "ids": [order.id], "context": context},
            {"guard": "mrp.production", "ids": [order.id], "where": [["state", "=", "done"]], "code": "not_done"},
            {"read": "mrp.production", "ids": [order.id], "fields": ["state", "qty_produced"], "as": "after"}]}

    def submit(self, *operations):
        return self.mes["millwright.inbox"].submit(list(operations), source="hub")["answers"]

    def test_orders_are_completed_set_wise_and_one_that_was_closed_is_refused(self):
        orders = self.orders(4)
        orders[2].action_cancel()
        answers = self.submit(*[self.complete(order) for order in orders])
        self.assertEqual([answer["status"] for answer in answers], ["done", "done", "refused", "done"])
        self.assertEqual(answers[2]["code"], "order_closed")
        for order in orders - orders[2]:
            self.assertEqual((order.state, order.qty_produced), ("done", 4))
            self.assertEqual(sum(order.move_raw_ids.mapped(self.done_field)), 12)
        self.assertTrue(all(answer["replayed"] for answer in self.submit(*[
            self.complete(order) for order in orders - orders[2]])))
        quants = self.env["stock.quant"].search([
            ("product_id", "=", self.product.id), ("location_id.usage", "=", "internal")])
        self.assertEqual(sum(quants.mapped("quantity")), 12)

    def test_components_of_several_orders_are_used_each_as_told(self):
        orders = self.orders(4)
        given = [self.complete(order) for order in orders]
        for operation, used in zip(given, (12, 12, 10, 12)):
            (command,) = operation["steps"][1]["values"]["move_raw_ids"]
            command[2] = dict(command[2], **{self.done_field: used})
        # What is no change of a line goes through its order.
        given[3]["steps"][1]["values"]["move_raw_ids"].append([0, 0, {
            "product_id": self.product.id, "product_uom_qty": 1, "product_uom": self.product.uom_id.id,
            "name": "one more"} if "name" in self.env["stock.move"]._fields else {
            "product_id": self.product.id, "product_uom_qty": 1, "product_uom": self.product.uom_id.id}])
        answers = self.submit(*given)
        self.assertEqual([answer["status"] for answer in answers], ["done"] * 4, answers)
        parts = [order.move_raw_ids.filtered(lambda move: move.product_id == self.part) for order in orders]
        self.assertEqual([sum(moves.mapped(self.done_field)) for moves in parts], [12, 12, 10, 12])
        self.assertEqual([len(order.move_raw_ids.filtered(lambda move: move.product_id == self.product))
                          for order in orders], [0, 0, 0, 1])

    def test_partial_completions_leave_their_backorders(self):
        orders = self.orders(2)
        answers = self.submit(*[self.complete(order, 1, rest=True) for order in orders])
        self.assertEqual([answer["status"] for answer in answers], ["done", "done"], answers)
        rest = self.env["mrp.production"].search([
            ("product_id", "=", self.product.id), ("state", "not in", ["done", "cancel"])])
        self.assertEqual(rest.mapped("product_qty"), [3, 3])

    def test_computed_states_of_orders_reach_the_reader(self):
        outbox = self.mes["millwright.outbox"]
        self.env.cr.flush()
        read_all(self.env)
        start = outbox.pull("test", limit=1)["head"]
        cursor = outbox.pull("test", cursor=start, limit=5000)["cursor"]
        (order,) = self.orders(1)
        self.submit(self.complete(order))
        self.env.cr.flush()
        rows = [row for row in outbox.pull("test", cursor=cursor, limit=5000)["rows"]
                if row["model"] == "mrp.production" and row["id"] == order.id]
        self.assertEqual(rows[0]["operation"], "create")
        self.assertEqual((rows[-1]["values"]["state"], rows[-1]["origin"]), ("done", "hub"))
        self.assertIn("state", rows[-1]["changed"])
        self.assertEqual(rows[-1]["before"]["state"], "confirmed")
        self.assertTrue(any(row["values"]["state"] == "confirmed" and row["origin"] is None for row in rows))
