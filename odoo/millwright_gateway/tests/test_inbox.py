from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, ValidationError
from odoo.tests.common import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import executor, inbox, run
from ..series import LOCKED, TRY_AGAIN
from .common import GatewayCase, create_partner, rename

RUN = "odoo.addons.millwright_gateway.models.run"


@tagged("post_install", "-at_install")
class TestInbox(GatewayCase):
    @contextmanager
    def each_savepoint_takes(self, seconds):
        """A clock that stands still but for the addon's own work."""
        clock = [0]
        origin = executor.Executor._together

        def together(self, runs):
            clock[0] += seconds
            return origin(self, runs)

        with patch.object(executor.Executor, "_together", together), \
                patch("%s.time.monotonic" % executor.__name__, lambda: clock[0]):
            yield

    def test_an_operation_has_its_effect_once_and_the_recorded_answer_afterwards(self):
        (first,) = self.submit(create_partner("once", "Once"))
        self.assertEqual((first["status"], first["replayed"]), ("done", False))
        (again,) = self.submit(create_partner("once", "Once"))
        self.assertEqual((again["status"], again["replayed"], again["code"]), ("done", True, None))
        self.assertEqual(again["results"], first["results"])
        self.assertEqual(again["reference"], "res.partner,%d" % first["results"]["partner"][0])
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Once")]), 1)

    def test_a_key_with_other_steps_still_gets_the_recorded_answer_and_a_hint(self):
        self.submit(create_partner("same", "One"))
        (again,) = self.submit(create_partner("same", "Two"))
        self.assertEqual((again["status"], again["code"]), ("done", "steps_differ"))
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Two")]))

    def test_a_key_twice_in_one_batch_has_one_effect(self):
        answers = self.submit(create_partner("twin", "Twin"), create_partner("twin", "Twin"))
        self.assertEqual([answer["replayed"] for answer in answers], [False, True])
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Twin")]), 1)

    def test_a_guard_that_is_contradicted_refuses_with_its_code_and_the_real_value(self):
        partner = self.env["res.partner"].create({"name": "By hand"})
        operation = rename("guarded", partner, "New", expected="Old")
        operation["steps"][0]["code"] = "changed_meanwhile"
        (answer,) = self.submit(operation)
        self.assertEqual((answer["status"], answer["code"]), ("refused", "changed_meanwhile"))
        self.assertIn('name is "By hand"', answer["message"])
        self.assertEqual(answer["reference"], "res.partner,%d" % partner.id)
        self.assertEqual(partner.name, "By hand")

    def test_a_refused_operation_is_tried_again_under_its_key(self):
        partner = self.env["res.partner"].create({"name": "B"})
        operation = rename("retried", partner, "C", expected="A")
        self.assertEqual(self.submit(operation)[0]["status"], "refused")
        partner.name = "A"
        self.assertEqual(self.submit(operation)[0]["status"], "done")
        self.assertEqual(partner.name, "C")
        row = self.env["millwright.inbox"].search([("key", "=", "retried")])
        self.assertEqual((row.state, row.tries), ("done", 2))

    def test_the_goal_reached_already_ends_an_operation_well(self):
        partner = self.env["res.partner"].create({"name": "Reached"})
        operation = rename("reached", partner, "Never", expected="Other")
        operation["steps"][0]["otherwise"] = "stop"
        (answer,) = self.submit(operation)
        self.assertEqual((answer["status"], partner.name), ("done", "Reached"))

    def test_a_refused_member_leaves_the_rest_of_its_group_together(self):
        partners = self.env["res.partner"].create([{"name": "P%d" % number} for number in range(6)])
        operations = [
            rename("group/%d" % index, partner, "done", expected="P3x" if index == 3 else partner.name)
            for index, partner in enumerate(partners)]
        # The guard stands behind the write, so the group has written before the third member is refused.
        for operation, partner in zip(operations, partners):
            operation["steps"] = [
                {"write": "res.partner", "ids": [partner.id], "values": {"ref": "r"}}] + operation["steps"]
        batches = []
        origin = executor.Executor._lockstep
        with patch.object(executor.Executor, "_lockstep", lambda self, runs: (
                batches.append(len(runs)), origin(self, runs))[1]):
            for operation in operations:
                operation["steps"][1]["where"] = [["name", "in", ["P0", "P1", "P2", "P4", "P5"]]]
            answers = self.submit(*operations)
        self.assertEqual([answer["status"] for answer in answers], ["done"] * 3 + ["refused"] + ["done"] * 2)
        self.assertEqual(batches, [6, 5, 1])
        self.assertEqual(partners.mapped("name"), ["done"] * 3 + ["P3"] + ["done"] * 2)
        self.assertEqual(partners.mapped("ref"), ["r"] * 3 + [False] + ["r"] * 2)

    @mute_logger(RUN, "odoo.sql_db")
    def test_a_group_that_fails_falls_back_to_a_savepoint_each(self):
        answers = self.submit(
            create_partner("each/0", "Each"),
            {"key": "each/1", "steps": [{"create": "res.partner", "values": {"name": False}, "as": "partner"}]},
            create_partner("each/2", "Each"))
        self.assertEqual([answer["status"] for answer in answers], ["done", "refused", "done"])
        self.assertEqual(answers[1]["code"], "constraint")
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Each")]), 2)

    def test_like_operations_become_one_call(self):
        partners = self.env["res.partner"].create([{"name": "U%d" % number} for number in range(4)])
        calls = []
        origin = type(self.env["res.partner"]).write

        def write(records, vals):
            calls.append(len(records))
            return origin(records, vals)

        with patch.object(type(self.env["res.partner"]), "write", write):
            self.submit(*[{"key": "u/%d" % partner.id, "steps": [
                {"write": "res.partner", "ids": [partner.id], "values": {"ref": "united"}}]} for partner in partners])
        self.assertEqual([count for count in calls if count > 1], [4])
        self.assertEqual(set(partners.mapped("ref")), {"united"})

    def test_steps_refer_to_what_earlier_steps_found_or_made(self):
        (answer,) = self.submit({"key": "refer", "steps": [
            {"ensure": "res.partner", "where": [["ref", "=", "R-1"]], "values": {"name": "Parent", "ref": "R-1"},
             "as": "parent"},
            {"create": "res.partner", "values": {"name": "Child", "parent_id": {"$": "parent"}}, "as": "child"},
            {"find": "res.partner", "where": [["parent_id", "=", {"$": "parent"}]], "count": 1, "as": "children"},
            {"write": "res.partner", "ids": {"$ids": "children"}, "values": {"ref": "found"}},
            {"read": "res.partner", "ids": {"$ids": "child"}, "fields": ["name", "ref"], "as": "after"}]})
        self.assertEqual(answer["status"], "done", answer)
        self.assertEqual(answer["results"]["after"][0]["ref"], "found")
        (again,) = self.submit({"key": "refer/2", "steps": [
            {"ensure": "res.partner", "where": [["ref", "=", "R-1"]], "values": {"name": "Other", "ref": "R-1"},
             "as": "parent"}]})
        self.assertEqual(again["results"]["parent"], answer["results"]["parent"])

    def test_a_step_for_some_records_passes_over_the_others(self):
        partners = self.env["res.partner"].create([{"name": "W1", "ref": "yes"}, {"name": "W2", "ref": "no"}])
        self.submit(*[{"key": "when/%d" % partner.id, "steps": [
            {"write": "res.partner", "ids": [partner.id], "values": {"city": "Lyon"},
             "when": [["ref", "=", "yes"]]}]} for partner in partners])
        self.assertEqual(partners.mapped("city"), ["Lyon", False])

    def test_later_operations_of_a_refused_lane_are_held_and_stay_free(self):
        partner = self.env["res.partner"].create({"name": "L"})
        answers = self.submit(
            rename("lane/1", partner, "X", expected="no", lane="L"),
            create_partner("lane/2", "Held", lane="L"),
            create_partner("lane/3", "Free", lane="M"),
            {"key": "lane/4", "lane": "M", "steps": []},
            create_partner("lane/5", "Held", lane="M"))
        self.assertEqual([answer["status"] for answer in answers], ["refused", "held", "done", "refused", "held"])
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Held")]))
        self.assertFalse(self.env["millwright.inbox"].search([("key", "in", ["lane/2", "lane/5"])]))
        self.assertEqual(self.submit(create_partner("lane/2", "Held", lane="L"))[0]["status"], "done")

    def test_what_does_not_fit_into_the_time_is_deferred_and_its_key_stays_free(self):
        with self.each_savepoint_takes(50):
            answers = self.submit(
                create_partner("slow/1", "Slow", lane="A"), create_partner("slow/2", "Slow", lane="A"), seconds=40)
        self.assertEqual([answer["status"] for answer in answers], ["done", "deferred"])
        self.assertEqual(self.submit(create_partner("slow/2", "Slow"))[0]["replayed"], False)

    def test_a_group_that_falls_back_ends_with_the_time_and_goes_on_another_day(self):
        operations = [{"key": "late/%d" % number, "lane": "L%d" % number, "steps": [
            {"create": "res.partner", "values": {"name": False if number == 1 else "Late"}}]} for number in range(3)]
        with mute_logger(RUN, "odoo.sql_db"), self.each_savepoint_takes(10):
            answers = self.submit(*operations, seconds=25)
        self.assertEqual([answer["status"] for answer in answers], ["done", "refused", "deferred"], answers)
        with mute_logger(RUN, "odoo.sql_db"):
            answers = self.submit(*operations)
        self.assertEqual([(answer["status"], answer["replayed"]) for answer in answers],
                         [("done", True), ("refused", False), ("done", False)])

    def test_one_member_that_spoils_a_common_call_does_not_take_the_effect_from_the_others(self):
        def action_archive(records):
            if "asks" in records.mapped("ref"):
                return wizard
            return records.write({"city": "Done"})

        for wizard in ({"type": "ir.actions.act_window", "res_model": "some.wizard"}, False):
            partners = self.env["res.partner"].create([{"name": "W%d" % number} for number in range(4)])
            partners[2].ref = "asks"
            with self.subTest(wizard=wizard), patch.object(type(partners), "action_archive", action_archive):
                answers = self.submit(*[{"key": "w/%d" % partner.id, "steps": [
                    {"call": "res.partner", "method": "action_archive", "ids": [partner.id]},
                    {"guard": "res.partner", "ids": [partner.id], "where": [["city", "=", "Done"]],
                     "code": "not_done"}]} for partner in partners])
                self.assertEqual([answer["status"] for answer in answers], ["done", "done", "refused", "done"])
                self.assertEqual(answers[2]["code"], "not_done")
                self.assertEqual("some.wizard" in answers[2]["message"], bool(wizard))
                self.assertEqual(partners.mapped("city"), ["Done", "Done", False, "Done"])

    def test_a_question_about_one_record_is_no_answer_for_the_others_even_without_a_guard(self):
        partners = self.env["res.partner"].create([{"name": "W%d" % number} for number in range(3)])
        partners[1].ref = "asks"

        def action_archive(records):
            if "asks" in records.mapped("ref"):
                return {"type": "ir.actions.act_window", "res_model": "some.wizard"}
            return records.write({"city": "Done"})

        with patch.object(type(partners), "action_archive", action_archive):
            self.submit(*[{"key": "q/%d" % partner.id, "steps": [
                {"call": "res.partner", "method": "action_archive", "ids": [partner.id]}]} for partner in partners])
        self.assertEqual(partners.mapped("city"), ["Done", False, "Done"])

    def test_a_reference_to_nothing_is_refused_as_not_found(self):
        for step in ({"call": "res.partner", "method": "write", "ids": [{"$": "none"}], "args": [{"city": "Lyon"}]},
                     {"write": "res.partner", "ids": [{"$": "none"}], "values": {"city": "Lyon"}},
                     {"guard": "res.partner", "ids": [{"$": "none"}], "where": []}):
            (answer,) = self.submit({"key": "none/%s" % list(step)[0], "steps": [
                {"find": "res.partner", "where": [["ref", "=", "no such reference"]], "as": "none"}, step]})
            self.assertEqual((answer["status"], answer["code"]), ("refused", "not_found"), answer)

    def test_more_than_a_step_may_find_or_answer_is_refused_and_not_cut(self):
        self.env["res.partner"].create([{"name": "Many", "comment": "x" * 100} for _number in range(4)])
        find = {"find": "res.partner", "where": [["name", "=", "Many"]], "as": "many"}
        with patch.object(executor, "MAXIMUM_FOUND", 3):
            (answer,) = self.submit({"key": "many", "steps": [find]})
            self.assertEqual((answer["status"], answer["code"]), ("refused", "too_large"))
            (answer,) = self.submit({"key": "many", "steps": [dict(find, limit=2)]})
            self.assertEqual((answer["status"], len(answer["results"]["many"])), ("done", 2))
        read = {"read": "res.partner", "ids": {"$ids": "many"}, "fields": ["comment"], "as": "read"}
        with patch.object(run, "MAXIMUM_ANSWER", 300):
            (answer,) = self.submit({"key": "long", "steps": [find, read]})
        self.assertEqual((answer["status"], answer["code"], answer["results"]), ("refused", "too_large", {}))

    def test_conditions_tell_nothing_of_fields_that_the_user_may_not_read(self):
        partner = self.env["res.partner"].create({"name": "Secretive", "comment": "secret"})
        steps = (
            {"guard": "res.partner", "ids": [partner.id], "where": [["comment", "ilike", "secret"]]},
            {"guard": "res.partner", "ids": [partner.id], "where": ["|", ["id", "=", 0], ["comment", "!=", False]]},
            {"guard": "res.partner", "ids": [partner.id], "where": [["commercial_partner_id.comment", "!=", False]]},
            {"write": "res.partner", "ids": [partner.id], "values": {"city": "X"}, "when": [["comment", "!=", False]]},
            {"find": "res.partner", "where": [["comment", "ilike", "secret"]], "as": "found"},
            {"guard": "res.partner", "ids": [partner.id], "where": [["no_such_field", "=", 1]]})
        with patch.object(type(partner)._fields["comment"], "groups", "base.group_system"):
            for number, step in enumerate(steps):
                (answer,) = self.submit({"key": "secret/%d" % number, "steps": [step]})
                self.assertEqual((answer["status"], answer["code"]), ("refused", "bad_request"), step)
                self.assertIn("is no field of res.partner that this user may", answer["message"])
        self.assertFalse(partner.city)

    def test_a_condition_that_cannot_be_searched_for_is_refused_and_not_passed_over(self):
        name = next(name for name, field in self.env["res.partner"]._fields.items()
                    if not field.store and not field.search and field.type in ("char", "boolean"))
        (answer,) = self.submit({"key": "unsearchable", "steps": [
            {"find": "res.partner", "where": [[name, "=", "x"]], "as": "found"}]})
        self.assertEqual((answer["status"], answer["code"]), ("refused", "bad_request"))

    @mute_logger(RUN, "odoo.sql_db")
    def test_texts_that_the_database_cannot_store_refuse_their_own_operation_alone(self):
        answers = self.submit(
            create_partner("text/1", "Nul \0"), create_partner("text/2", "Half \ud800"),
            dict(create_partner("text/3", "Fine"), name="a\0b"), create_partner("text/4", "Fine"))
        # Odoo takes NUL out of texts in some series and refuses it in others; both are well.
        self.assertIn(answers[0]["status"], ("done", "refused"))
        self.assertEqual([answer["status"] for answer in answers[1:]], ["refused", "refused", "done"])

    def test_what_a_method_returns_can_always_be_recorded(self):
        partner = self.env["res.partner"].create({"name": "Odd"})

        def action_archive(records):
            return {"nan": float("nan"), "nul": "a\0b", "half": "\ud800", 3: {records}, "bytes": b"\0\xff"}

        with patch.object(type(partner), "action_archive", action_archive):
            (answer,) = self.submit({"key": "odd", "steps": [
                {"call": "res.partner", "method": "action_archive", "ids": [partner.id], "as": "odd"}]})
        self.assertEqual(answer["status"], "done")
        self.assertEqual(answer["results"]["odd"]["nan"], None)
        (again,) = self.submit({"key": "odd", "steps": [
            {"call": "res.partner", "method": "action_archive", "ids": [partner.id], "as": "odd"}]})
        self.assertEqual(again["results"], answer["results"])

    def test_an_answer_is_for_the_user_that_handed_in(self):
        second = new_test_user(
            self.env, login="gateway_third",
            groups="base.group_user,base.group_partner_manager,millwright_gateway.group_service")
        self.submit(create_partner("theirs", "Theirs"))
        (answer,) = self.env(user=second)["millwright.inbox"].submit([create_partner("theirs", "Theirs")])["answers"]
        self.assertEqual((answer["status"], answer["replayed"], answer["code"], answer["results"]),
                         ("done", True, "other_user", {}))
        self.assertEqual(self.env["res.partner"].search_count([("name", "=", "Theirs")]), 1)

    def test_an_operation_cannot_hand_in_operations(self):
        self.env["millwright.allowed"].create({"model": "millwright.inbox", "methods": "*"})
        (answer,) = self.submit({"key": "outer", "steps": [
            {"call": "millwright.inbox", "method": "submit", "args": [[create_partner("outer", "Inner")]]}]})
        self.assertEqual((answer["status"], answer["code"]), ("refused", "not_allowed"))

    def test_the_rights_of_the_system_are_never_used(self):
        self.env["millwright.allowed"].create({"model": "res.country", "methods": "write"})
        country = self.env["res.country"].search([], limit=1)
        (answer,) = self.as_service["millwright.inbox"].sudo().submit([{"key": "su", "steps": [
            {"write": "res.country", "ids": [country.id], "values": {"name": "Mine"}}]}])["answers"]
        self.assertEqual((answer["status"], answer["code"]), ("refused", "rights"))

    def test_an_import_makes_and_changes_records_or_says_why_not(self):
        def load(key, *rows):
            return self.submit({"key": key, "steps": [
                {"call": "res.partner", "method": "load", "args": [["id", "name", "city"], list(rows)],
                 "as": "loaded"}]})[0]

        made = load("load/1", ["__import__.gateway_a", "A", "Lyon"], ["__import__.gateway_b", "B", "Paris"])
        self.assertEqual(made["status"], "done")
        partners = self.env["res.partner"].browse(made["results"]["loaded"])
        self.assertEqual(partners.mapped("city"), ["Lyon", "Paris"])
        self.assertEqual(load("load/2", ["__import__.gateway_a", "A", "Nantes"])["results"]["loaded"], partners[0].ids)
        with mute_logger(RUN, "odoo.sql_db"):
            refused = load("load/3", ["__import__.gateway_c", "", "Lyon"])
        self.assertEqual((refused["status"], refused["code"]), ("refused", "constraint"))

    def test_records_that_others_hold_are_waited_for_and_no_refusal(self):
        if not LOCKED:
            self.skipTest("this series knows no such error")

        def write(records, vals):
            raise LOCKED("somebody else is at it")

        partner = self.env["res.partner"].create({"name": "Held"})
        with patch.object(type(partner), "write", write), self.assertRaises(TRY_AGAIN):
            self.submit(rename("locked", partner, "New", expected="Held"))

    def test_what_is_no_number_of_seconds_is_refused(self):
        for seconds in (0, -1, None, "40", float("nan"), True, 10_000):
            with self.assertRaises(ValidationError):
                self.submit(create_partner("seconds", "Seconds"), seconds=seconds)

    def test_nothing_but_listed_public_methods_can_be_called(self):
        partner = self.env["res.partner"].create({"name": "Safe"})
        self.env["millwright.allowed"].search([("model", "=", "res.partner")]).methods = "*"
        for model, method, code in (
            ("res.partner", "_write", "not_allowed"), ("res.partner", "sudo", "not_allowed"),
            ("res.partner", "with_user", "not_allowed"), ("res.partner", "browse", "not_allowed"),
            ("res.partner", "no_such_method", "not_allowed"), ("res.users", "write", "not_allowed"),
            ("ir.config_parameter", "set_param", "not_allowed"), ("no.such.model", "write", "missing_model"),
        ):
            (answer,) = self.submit({"key": "call/%s" % method, "steps": [
                {"call": model, "method": method, "ids": [partner.id]}]})
            self.assertEqual((answer["status"], answer["code"]), ("refused", code), method)

    def test_the_list_gives_no_rights_that_the_user_does_not_have(self):
        self.env["millwright.allowed"].create({"model": "res.country", "methods": "write create"})
        country = self.env["res.country"].search([], limit=1)
        (answer,) = self.submit({"key": "rights", "steps": [
            {"write": "res.country", "ids": [country.id], "values": {"name": "Mine"}}]})
        self.assertEqual((answer["status"], answer["code"]), ("refused", "rights"))

    def test_only_the_service_group_may_hand_in(self):
        other = new_test_user(self.env, login="gateway_other", groups="base.group_user,base.group_partner_manager")
        for call in (
            lambda: self.env(user=other)["millwright.inbox"].submit([create_partner("other", "Other")]),
            lambda: self.env(user=other)["millwright.outbox"].pull("other"),
            lambda: self.env(user=other)["millwright.gateway"].health(),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_a_service_user_sees_the_operations_that_it_handed_in_itself(self):
        second = new_test_user(
            self.env, login="gateway_second",
            groups="base.group_user,base.group_partner_manager,millwright_gateway.group_service")
        self.submit(create_partner("mine", "Mine"))
        rows = self.env["millwright.inbox"].with_user(self.service).search([("key", "=", "mine")])
        self.assertEqual(rows.user_id, self.service)
        self.assertFalse(self.env["millwright.inbox"].with_user(second).search([("key", "=", "mine")]))
        with self.assertRaises(AccessError):
            rows.write({"state": "refused"})

    def test_a_lost_race_in_the_database_is_never_answered_as_a_failure(self):
        class Lost(psycopg2.errors.SerializationFailure):
            pass

        def create(records, vals_list):
            raise Lost("could not serialize access")

        with patch.object(type(self.env["res.partner"]), "create", create), self.assertRaises(Lost):
            self.submit(create_partner("lost/1", "Lost"), create_partner("lost/2", "Lost"))

    def test_a_batch_that_is_no_batch_is_refused_as_a_whole(self):
        for operations in ("text", [create_partner("k%d" % index, "x") for index in range(501)]):
            with self.assertRaises(ValidationError):
                self.as_service["millwright.inbox"].submit(operations)
        (answer,) = self.submit("not an operation")
        self.assertEqual((answer["index"], answer["status"], answer["code"]), (0, "refused", "bad_request"))

    def test_old_keys_are_dropped(self):
        self.submit(create_partner("old", "Old"), create_partner("older", "Older"), create_partner("young", "Young"))
        self.env.cr.execute(
            "UPDATE millwright_inbox SET ended_at = ended_at - interval '500 days' WHERE key IN ('old', 'older')")
        self.env["millwright.inbox"].invalidate_model()
        with patch.object(inbox, "TRIM_CHUNK", 1):
            self.assertEqual(self.env["millwright.inbox"]._trim(), 2)
        self.assertEqual(
            self.env["millwright.inbox"].search([("key", "in", ["old", "older", "young"])]).mapped("key"), ["young"])
