from odoo.exceptions import ValidationError
from odoo.tests.common import tagged

from ..series import SERIES
from .common import GatewayCase

MODELS = ("millwright.inbox", "millwright.outbox", "millwright.watch", "millwright.allowed", "millwright.reader")


@tagged("post_install", "-at_install")
class TestInterface(GatewayCase):
    def test_health_tells_what_a_client_relies_on(self):
        health = self.as_service["millwright.gateway"].health()
        self.assertTrue(health["addon"].endswith("1.0.0"))
        self.assertEqual(health["series"].split(".")[0].replace("saas~", ""), str(SERIES.number))
        self.assertEqual(health["database"], self.env.cr.dbname)
        self.assertIn("millwright_gateway", health["modules"])
        self.assertEqual(health["user"]["login"], "gateway_service")
        self.assertRegex(health["clock"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        self.assertEqual(health["epoch"], self.as_service["millwright.gateway"].health()["epoch"])

    def test_each_view_is_valid(self):
        for model in MODELS:
            for kind in (SERIES.list_view, "form", "search"):
                self.assertIn("arch", self.env[model].get_view(view_type=kind))

    def test_windows_menus_and_scheduled_actions_are_there(self):
        for name in ("action_inbox", "action_outbox", "action_watch", "action_allowed", "action_reader"):
            self.assertTrue(self.env.ref("millwright_gateway." + name).view_mode.startswith(SERIES.list_view))
        for name in ("cron_trim_outbox", "cron_trim_inbox"):
            cron = self.env.ref("millwright_gateway." + name)
            self.assertTrue(cron.active)
            cron.method_direct_trigger()

    def test_a_record_can_be_opened_from_its_row(self):
        partner = self.env["res.partner"].create({"name": "Opened"})
        self.env.cr.flush()
        row = self.env["millwright.outbox"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])
        self.assertEqual(row.action_open_record()["res_id"], partner.id)

    def test_a_private_method_cannot_be_listed(self):
        with self.assertRaises(ValidationError):
            self.env["millwright.allowed"].create({"model": "res.country", "methods": "write _unlink"})
