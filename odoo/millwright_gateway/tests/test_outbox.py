from unittest.mock import patch

from odoo.tests.common import new_test_user, tagged
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .. import uninstall_hook
from ..models import reader
from .common import GatewayCase, create_partner


@tagged("post_install", "-at_install")
class TestOutbox(GatewayCase):
    def setUp(self):
        super().setUp()
        self.start = self.head()

    def rows(self, model="res.partner", **options):
        return [row for row in self.changes(self.start, **options)["rows"] if row["model"] == model]

    def test_create_write_and_unlink_are_recorded_in_order(self):
        partner = self.env["res.partner"].create({"name": "One", "city": "Lyon"})
        self.env.cr.flush()
        partner.write({"name": "Two"})
        self.env.cr.flush()
        partner_id = partner.id
        partner.unlink()
        created, written, deleted = self.rows()
        self.assertEqual([row["id"] for row in (created, written, deleted)], [partner_id] * 3)
        self.assertEqual([row["operation"] for row in (created, written, deleted)], ["create", "write", "unlink"])
        self.assertEqual((created["values"]["name"], created["before"]), ("One", None))
        self.assertEqual((written["changed"], written["before"]), (["name"], {"name": "One"}))
        self.assertEqual((written["values"]["name"], written["values"]["city"]), ("Two", "Lyon"))
        self.assertEqual(deleted["values"]["name"], "Two")
        self.assertEqual([row["position"] for row in (written, deleted)],
                         [created["position"] + 1, created["position"] + 2])

    def test_changes_before_one_flush_are_one_row(self):
        partner = self.env["res.partner"].create({"name": "A"})
        partner.name = "B"
        partner.city = "Lyon"
        (row,) = self.rows()
        self.assertEqual((row["operation"], row["values"]["name"], row["values"]["city"]), ("create", "B", "Lyon"))

    def test_what_changes_nothing_that_is_watched_is_no_news(self):
        partner = self.env["res.partner"].create({"name": "Quiet"})
        self.start = self.head()
        partner.write({"name": "Quiet", "comment": "not watched"})
        self.assertEqual(self.rows(), [])

    def test_what_came_and_went_before_a_flush_is_no_news(self):
        self.env["res.partner"].create({"name": "Gone"}).unlink()
        self.assertEqual(self.rows(), [])

    def test_a_savepoint_that_is_rolled_back_leaves_nothing(self):
        kept = self.env["res.partner"].create({"name": "Kept"})
        try:
            with self.env.cr.savepoint():
                kept.name = "Lost"
                self.env["res.partner"].create({"name": "Lost too"})
                self.env.cr.flush()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass
        self.assertEqual([row["values"]["name"] for row in self.rows()], ["Kept"])

    def test_stored_computed_fields_are_seen(self):
        company = self.env["res.partner"].create({"name": "Company", "is_company": True, "lang": "en_US"})
        watch = self.env["millwright.watch"].search([("model", "=", "res.partner")])
        watch.field_names = "name complete_name display_name commercial_company_name"
        child = self.env["res.partner"].create({"name": "Child", "parent_id": company.id})
        self.start = self.head()
        company.name = "Renamed"
        changed = {row["id"]: row for row in self.rows()}
        self.assertEqual(set(changed), {company.id, child.id})
        self.assertEqual(changed[child.id]["values"]["commercial_company_name"], "Renamed")
        self.assertNotIn("name", changed[child.id]["changed"] or [])

    def test_records_that_the_database_deletes_along_are_recorded(self):
        self.env["millwright.watch"].create({"model": "res.partner.bank", "field_names": "acc_number partner_id"})
        partner = self.env["res.partner"].create({"name": "Owner"})
        bank = self.env["res.partner.bank"].create({"acc_number": "123", "partner_id": partner.id})
        bank_id = bank.id
        self.start = self.head()
        partner.unlink()
        (row,) = self.rows("res.partner.bank")
        self.assertEqual((row["id"], row["operation"], row["values"]["acc_number"]), (bank_id, "unlink", "123"))
        self.assertEqual([row["operation"] for row in self.rows()], ["unlink"])

    def test_what_the_inbox_wrote_carries_its_origin_and_can_be_left_out(self):
        self.submit(create_partner("echo/1", "Ours"), source="hub")
        self.env["res.partner"].create({"name": "Theirs"})
        ours, theirs = self.rows()
        self.assertEqual((ours["origin"], ours["key"], ours["user"]), ("hub", "echo/1", self.service.id))
        self.assertEqual((theirs["origin"], theirs["key"]), (None, None))
        self.assertEqual([row["values"]["name"] for row in self.rows(skip_origin="hub")], ["Theirs"])
        self.assertEqual(len(self.rows(skip_origin="other")), 2)

    def test_a_reader_goes_on_where_it_acknowledged(self):
        outbox = self.as_service["millwright.outbox"]
        self.env["res.partner"].create([{"name": "R%d" % number} for number in range(5)])
        page = self.changes(self.start, limit=2)
        self.assertEqual((len(page["rows"]), page["more"]), (2, True))
        self.assertEqual(outbox.acknowledge("test", page["cursor"])["code"], "ok")
        rest = self.changes(limit=10)
        self.assertEqual([row["values"]["name"] for row in rest["rows"] if row["model"] == "res.partner"],
                         ["R2", "R3", "R4"])
        self.assertFalse(rest["more"])
        self.assertEqual(self.changes(rest["cursor"])["rows"], [])

    def test_another_life_of_the_database_is_noticed(self):
        self.env["res.partner"].create({"name": "Before"})
        cursor = self.changes(self.start)["cursor"]
        self.assertEqual(self.changes(cursor)["code"], "ok")
        epoch, position, _mark = cursor.split(":")
        self.assertEqual(self.changes("%s:%s:deadbeef" % (epoch, position))["code"], "forked")
        self.assertEqual(self.changes("%s:%d:" % (epoch, int(position) + 1000))["code"], "forked")
        self.assertEqual(self.changes("another:%s:" % position)["code"], "epoch_changed")
        store = self.env["millwright.store"]._current()
        self.env.cr.execute("UPDATE millwright_store SET fingerprint = 'elsewhere' WHERE id = %s", [store.id])
        self.env.invalidate_all()
        answer = self.changes(cursor)
        self.assertEqual(answer["code"], "epoch_changed")
        self.assertNotEqual(answer["epoch"], epoch)
        self.assertEqual(self.changes(answer["head"])["code"], "ok")

    def test_trimming_keeps_what_somebody_needs(self):
        outbox = self.as_service["millwright.outbox"]
        partner = self.env["res.partner"].create({"name": "T0"})
        for number in range(1, 4):
            self.env.cr.flush()
            partner.name = "T%d" % number
        page = self.changes(self.start)
        self.env.cr.execute("UPDATE millwright_outbox SET at = at - interval '8 days'")
        self.env["millwright.reader"].search([("name", "!=", "test")]).unlink()
        positions = [row["position"] for row in page["rows"]]
        self.env["millwright.outbox"]._trim()
        self.assertEqual(len(self.rows()), 4, "nobody has acknowledged")
        outbox.acknowledge("test", page["cursor"])
        self.env["millwright.outbox"]._trim()
        left = self.env["millwright.outbox"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])
        self.assertEqual(left.mapped("position"), [positions[-1]], "the newest row stays to compare with")
        self.assertEqual(self.changes(page["cursor"])["code"], "ok")

    def test_a_reader_that_sleeps_too_long_is_told_what_it_missed(self):
        partner = self.env["res.partner"].create({"name": "S0"})
        self.env.cr.flush()
        partner.name = "S1"
        self.env["res.partner"].create({"name": "Later"})
        self.changes(self.start)
        self.as_service["millwright.outbox"].acknowledge("test", self.start)
        self.env.cr.execute("UPDATE millwright_outbox SET at = at - interval '100 days'")
        self.env["millwright.outbox"]._trim()
        self.assertEqual(self.changes(self.start)["code"], "trimmed")
        self.assertEqual(self.changes(self.changes(self.start)["oldest"])["code"], "ok")

    def test_a_reader_sees_only_what_its_user_may_read(self):
        self.env["millwright.watch"].create({"model": "res.currency.rate", "field_names": "rate"})
        self.env["millwright.watch"].create({"model": "res.company", "field_names": "name"})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["res.partner"].create({"name": "Of another company", "company_id": company.id})
        self.env["res.partner"].create({"name": "Of none"})
        answer = self.changes(self.start, limit=1000)
        names = [row["values"]["name"] for row in answer["rows"] if row["model"] == "res.partner"]
        self.assertIn("Of none", names)
        self.assertNotIn("Of another company", names)
        self.assertGreater(answer["withheld"], 0)

    def test_a_baseline_gives_what_is_there_and_what_to_compare_with(self):
        self.env.cr.execute("DELETE FROM millwright_outbox WHERE model = 'res.partner'")
        watch = self.env["millwright.watch"].search([("model", "=", "res.partner")])
        watch.action_baseline()
        rows = self.rows(limit=5000)
        count = self.env["res.partner"].with_context(active_test=False).search_count([])
        self.assertEqual(self.env["millwright.outbox"].search_count([("model", "=", "res.partner")]), count)
        self.assertEqual({row["operation"] for row in rows}, {"baseline"})

    def test_switching_a_watch_off_ends_the_recording(self):
        self.env["millwright.watch"].search([("model", "=", "res.partner")]).active = False
        self.env["res.partner"].create({"name": "Unseen"})
        self.assertEqual(self.rows(), [])

    def test_settings_of_other_users_do_not_reach_into_the_values(self):
        other = new_test_user(self.env, login="gateway_tz", groups="base.group_user,base.group_partner_manager",
                              tz="Asia/Tokyo")
        self.env(user=other)["res.partner"].create({"name": "Tokyo"})
        self.env.cr.flush()
        row = self.rows()[-1]
        self.assertEqual((row["user"], row["values"]["name"]), (other.id, "Tokyo"))

    def test_a_deletion_that_failed_and_was_caught_is_no_deletion(self):
        partner = self.env["res.partner"].create({"name": "Stays"})
        self.start = self.head()

        def refuse(records):
            raise UserError("in use")

        refuse._ondelete = True
        with patch.object(type(partner), "_ondelete_methods", [refuse]):
            try:
                partner.unlink()
            except UserError:
                partner.name = "Stayed"
        (row,) = self.rows()
        self.assertEqual((row["operation"], row["changed"], row["values"]["name"]), ("write", ["name"], "Stayed"))

    def test_records_that_delete_each_other_along_are_recorded_once(self):
        self.env["millwright.watch"].create({"model": "res.partner.bank", "field_names": "acc_number partner_id"})
        partner = self.env["res.partner"].create({"name": "Owner"})
        bank = self.env["res.partner.bank"].create({"acc_number": "321", "partner_id": partner.id})
        ring = {"res.partner": [("res.partner.bank", "partner_id")], "res.partner.bank": [("res.partner", "bank_ids")]}
        self.start = self.head()
        with patch.object(type(self.env["millwright.watch"]), "_cascades", lambda watch, model: ring.get(model, [])):
            partner.unlink()
        self.assertFalse(bank.exists())
        self.assertEqual([row["operation"] for row in self.rows() + self.rows("res.partner.bank")], ["unlink"] * 2)

    def test_each_row_says_who_changed_the_record(self):
        other = new_test_user(self.env, login="gateway_who", groups="base.group_user,base.group_partner_manager")
        mine = self.env["res.partner"].create({"name": "Mine"})
        theirs = self.env["res.partner"].with_user(other).create({"name": "Theirs"})
        users = {row["id"]: row["user"] for row in self.rows()}
        self.assertEqual((users[mine.id], users[theirs.id]), (self.env.uid, other.id))

    def test_record_rules_hold_for_records_that_are_there(self):
        self.env["ir.rule"].create({
            "name": "gateway", "model_id": self.env["ir.model"]._get_id("res.partner"),
            "domain_force": "[('ref', '!=', 'hidden')]", "perm_read": True})
        self.env["res.partner"].create([{"name": "Shown"}, {"name": "Hidden", "ref": "hidden"}])
        answer = self.changes(self.start)
        names = [row["values"]["name"] for row in answer["rows"] if row["model"] == "res.partner"]
        self.assertEqual((names, answer["withheld"]), (["Shown"], 1))

    def test_fields_that_the_user_may_not_read_are_left_out_by_name_too(self):
        partner = self.env["res.partner"].create({"name": "Part", "city": "Lyon"})
        self.start = self.head()
        partner.write({"name": "Parted", "city": "Paris"})
        with patch.object(type(partner)._fields["city"], "groups", "base.group_system"):
            (row,) = self.rows()
        self.assertEqual((row["changed"], row["before"]), (["name"], {"name": "Part"}))
        self.assertNotIn("city", row["values"])

    def test_what_is_gone_is_shown_to_users_of_its_company_alone(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        partner = self.env["res.partner"].create({"name": "Of another company", "company_id": company.id})
        self.env.cr.flush()
        partner.unlink()
        answer = self.changes(self.start)
        self.assertFalse([row for row in answer["rows"] if row["model"] == "res.partner"
                          and row["values"]["name"] == "Of another company"])

    def test_values_that_differ_by_company_are_not_recorded(self):
        names = [name for name, field in self.env["res.partner"]._fields.items() if field.company_dependent]
        watch = self.env["millwright.watch"].search([("model", "=", "res.partner")])
        watch.field_names = " ".join(["name"] + names)
        self.assertEqual(watch.effective, "name")

    def test_a_new_reader_begins_with_the_oldest_row_and_nobody_gets_a_gap_unsaid(self):
        partner = self.env["res.partner"].create({"name": "G0"})
        for number in range(1, 5):
            self.env.cr.flush()
            partner.name = "G%d" % number
        page = self.changes(self.start, limit=2)
        outbox = self.as_service["millwright.outbox"]
        last = self.changes(self.start)
        outbox.acknowledge("test", last["cursor"])
        self.env["millwright.reader"].search([("name", "!=", "test")]).unlink()
        self.env.cr.execute("UPDATE millwright_outbox SET at = at - interval '8 days' WHERE position > %s",
                            [int(self.start.split(":")[1])])
        with patch.object(reader, "TRIM_CHUNK", 1):
            self.env["millwright.outbox"]._trim()
        left = self.env["millwright.outbox"].search([("model", "=", "res.partner"), ("res_id", "=", partner.id)])
        self.assertEqual(left.mapped("values"), [last["rows"][-1]["values"]], "also where it takes several rounds")
        self.assertEqual(self.changes(page["cursor"])["code"], "trimmed", "going back behind what was dropped")
        self.assertEqual(self.changes(last["cursor"])["code"], "ok")
        fresh = outbox.pull("fresh")
        self.assertEqual((fresh["code"], fresh["rows"][-1]["values"]["name"]), ("ok", "G4"))

    def test_a_reader_without_cursor_is_told_of_another_life_too(self):
        outbox = self.as_service["millwright.outbox"]
        outbox.acknowledge("test", self.changes(self.start)["cursor"])
        self.assertEqual(outbox.pull("test")["code"], "ok")
        store = self.env["millwright.store"]._current()
        self.env.cr.execute("UPDATE millwright_store SET fingerprint = 'elsewhere' WHERE id = %s", [store.id])
        self.env.invalidate_all()
        told = outbox.pull("test")
        self.assertEqual((told["code"], told["cursor"], told["rows"]), ("epoch_changed", None, []))
        outbox.acknowledge("test", told["head"])
        self.assertEqual(outbox.pull("test")["code"], "ok")

    def test_long_answers_are_given_in_parts(self):
        self.env["res.partner"].create([{"name": "L%d" % number, "street": "x" * 500} for number in range(6)])
        names, cursor = [], self.start
        with patch.object(reader, "MAXIMUM_BYTES", 2_000):
            while True:
                page = self.changes(cursor)
                cursor = page["cursor"]
                self.assertLess(len(page["rows"]), 4)
                names += [row["values"]["name"] for row in page["rows"]]
                if not page["more"]:
                    break
        self.assertEqual(names, ["L%d" % number for number in range(6)])

    def test_readers_cursors_and_limits_are_bounded(self):
        outbox = self.as_service["millwright.outbox"]
        for name in (None, "", "x" * 101, "a\0b", 5):
            with self.assertRaises(ValidationError):
                outbox.pull(name)
        for cursor in ("", "a:b", "a:-1:", "a:99999999999:", "a:1:\0", 5, ["a:1:"], "a:\u0661:"):
            with self.assertRaises(ValidationError):
                outbox.pull("test", cursor=cursor)
        for limit in (0, -1, None, "5", True, 2.5):
            with self.assertRaises(ValidationError):
                outbox.pull("test", limit=limit)
        with patch.object(reader, "MAXIMUM_READERS", 1), self.assertRaises(ValidationError):
            outbox.pull("one too many")

    def test_a_baseline_is_for_administrators(self):
        with self.assertRaises(AccessError):
            self.as_service["millwright.watch"].search([("model", "=", "res.partner")]).action_baseline()

    @mute_logger("odoo.models.unlink")
    def test_the_recording_ends_before_the_addon_is_removed(self):
        self.env["res.partner"].create({"name": "Before"})
        uninstall_hook(self.env)
        self.env["res.partner"].create({"name": "After"})
        self.env.cr.flush()
        self.assertEqual([row["values"]["name"] for row in self.rows()], ["Before"])
