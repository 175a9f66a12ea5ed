"""With real connections: what is written here is committed, and cleaned up by hand."""
import threading
import uuid

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.tests.common import BaseCase, get_db_name, tagged
from odoo.modules.registry import Registry
from odoo.tools import mute_logger

from .common import create_partner, read_all, rename


@tagged("post_install", "-at_install")
class TestConcurrency(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.tag = "race-%s" % uuid.uuid4()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.login = env["res.users"].create({
                "name": self.tag, "login": self.tag,
                self.group_field(env): [(6, 0, [env.ref(name).id for name in (
                    "base.group_user", "base.group_partner_manager", "millwright_gateway.group_service")])],
            }).id
            read_all(env)
        self.addCleanup(self.clean)

    @staticmethod
    def group_field(env):
        return next(name for name in ("group_ids", "groups_id") if name in env["res.users"]._fields)

    def clean(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["res.partner"].search([("name", "like", self.tag)]).filtered(lambda one: not one.user_ids).unlink()
            env["res.users"].browse(self.login).active = False
            env["millwright.reader"].search([("name", "=", self.tag)]).unlink()
            env["millwright.inbox"].search([("source", "=", self.tag)]).unlink()
            env.flush_all()

    def connection(self):
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, self.login, {})

    def submit(self, env, operation):
        return env["millwright.inbox"].submit([operation], source=self.tag)["answers"][0]

    def count(self):
        with self.registry.cursor() as cr:
            cr.execute("SELECT count(*) FROM res_partner WHERE name = %s", [self.tag + " made"])
            return cr.fetchone()[0]

    def test_two_callers_with_one_key_have_one_effect(self):
        operation = create_partner(self.tag, self.tag + " made")
        first, second = self.connection(), self.connection()
        second.cr.execute("SELECT 1")  # its snapshot is taken before the first one commits
        self.assertEqual(self.submit(first, operation)["status"], "done")
        met = []

        def call():
            try:
                met.append(self.submit(second, operation))
            except psycopg2.errors.SerializationFailure as error:
                met.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join(0.3)
        self.assertTrue(thread.is_alive(), "the second caller waits for the first one's commit")
        first.cr.commit()
        thread.join(10)
        self.assertIsInstance(met[0], psycopg2.errors.SerializationFailure)
        # What Odoo does then: it rolls back and runs the same call again.
        second.cr.rollback()
        answer = self.submit(second, operation)
        self.assertEqual((answer["status"], answer["replayed"]), ("done", True))
        second.cr.commit()
        self.assertEqual(self.count(), 1)

    def test_a_caller_that_is_rolled_back_leaves_the_key_to_the_other_one(self):
        operation = create_partner(self.tag, self.tag + " made")
        first, second = self.connection(), self.connection()
        self.submit(first, operation)
        answers = []
        thread = threading.Thread(target=lambda: answers.append(self.submit(second, operation)))
        thread.start()
        first.cr.rollback()
        thread.join(10)
        self.assertEqual((answers[0]["status"], answers[0]["replayed"]), ("done", False))
        second.cr.commit()
        self.assertEqual(self.count(), 1)

    def test_a_guard_sees_what_a_person_saved_meanwhile(self):
        person, service = self.connection(), self.connection()
        partner = person["res.partner"].create({"name": self.tag + " a"})
        person.cr.commit()
        service.cr.execute("SELECT 1")
        partner.name = self.tag + " by hand"
        person.cr.commit()
        operation = rename(self.tag + "/guard", service["res.partner"].browse(partner.id), self.tag + " b",
                           expected=self.tag + " a")
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.submit(service, operation)
        service.cr.rollback()
        self.assertEqual(self.submit(service, operation)["code"], "guard")
        service.cr.commit()

    def test_two_callers_make_one_record_where_it_is_missing(self):
        def operation(key):
            return {"key": self.tag + key, "steps": [
                {"ensure": "res.partner", "where": [["name", "=", self.tag + " made"]],
                 "values": {"name": self.tag + " made"}, "as": "partner"}]}

        first, second = self.connection(), self.connection()
        second.cr.execute("SELECT 1")
        made = self.submit(first, operation("/1"))["results"]
        first.cr.commit()
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.submit(second, operation("/2"))
        second.cr.rollback()
        self.assertEqual(self.submit(second, operation("/2"))["results"], made)
        second.cr.commit()
        self.assertEqual(self.count(), 1)

    @mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_model")
    def test_an_import_that_loses_a_race_is_no_refusal(self):
        def operation(key, city):
            return {"key": self.tag + key, "steps": [{"call": "res.partner", "method": "load", "args": [
                ["id", "name", "city"], [["__import__." + self.tag, self.tag + " made", city]]]}]}

        first, second = self.connection(), self.connection()
        second.cr.execute("SELECT 1")
        self.assertEqual(self.submit(first, operation("/1", "Lyon"))["status"], "done")
        first.cr.commit()
        # The external id is taken, and the second one cannot see it.
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.submit(second, operation("/2", "Paris"))
        second.cr.rollback()
        second.cr.execute("SELECT 1")
        self.submit(first, operation("/3", "Nantes"))
        first.cr.commit()
        # The record was changed, and the second one cannot see it.
        with self.assertRaises(psycopg2.errors.SerializationFailure):
            self.submit(second, operation("/2", "Paris"))
        second.cr.rollback()
        self.assertEqual(self.submit(second, operation("/2", "Paris"))["status"], "done")
        second.cr.commit()
        self.assertEqual(self.count(), 1)

    def test_a_watch_holds_for_each_transaction_that_begins_after_it_was_saved(self):
        early, late = self.connection(), self.connection()
        with self.registry.cursor() as cr:
            watch = api.Environment(cr, SUPERUSER_ID, {})["millwright.watch"].create(
                {"model": "res.partner.category", "field_names": "name"})
            early.cr.execute("SELECT 1")
            self.assertNotIn("res.partner.category", early["millwright.watch"]._watched())
            watch_id = watch.id
        try:
            # Whoever began before does not see it, and must not hide it from others of the same process.
            self.assertNotIn("res.partner.category", early["millwright.watch"]._watched())
            self.assertIn("res.partner.category", late["millwright.watch"]._watched())
            early.cr.commit()
            self.assertIn("res.partner.category", early["millwright.watch"]._watched())
        finally:
            with self.registry.cursor() as cr:
                api.Environment(cr, SUPERUSER_ID, {})["millwright.watch"].browse(watch_id).unlink()

    def test_a_change_that_commits_late_is_not_skipped(self):
        early, late, reader = self.connection(), self.connection(), self.connection()
        outbox = reader["millwright.outbox"]
        start = outbox.pull(self.tag, limit=1)["head"]
        reader.cr.commit()

        def pull(cursor):
            found = outbox.pull(self.tag, cursor=cursor, limit=5000)
            reader.cr.commit()
            names = [row["values"]["name"] for row in found["rows"]
                     if row["model"] == "res.partner" and row["operation"] == "create"
                     and row["values"]["name"].startswith(self.tag)]
            return found["cursor"], names

        cursor, _names = pull(start)
        late["res.partner"].create({"name": self.tag + " late"})
        late.cr.flush()  # its row has the lower id, and is not committed
        early["res.partner"].create({"name": self.tag + " early"})
        early.cr.commit()
        cursor, names = pull(cursor)
        self.assertEqual(names, [self.tag + " early"])
        late.cr.commit()
        cursor, names = pull(cursor)
        self.assertEqual(names, [self.tag + " late"])
        rolled_back = self.connection()
        rolled_back["res.partner"].create({"name": self.tag + " never"})
        rolled_back.cr.flush()
        rolled_back.cr.rollback()
        self.assertEqual(pull(cursor)[1], [])
