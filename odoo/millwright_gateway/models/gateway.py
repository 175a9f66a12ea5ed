"""Health and version, and the parts of the interface that differ between series."""
import datetime
import os
import xml.etree.ElementTree as ElementTree

from odoo import api, models, release
from odoo.exceptions import AccessError

from ..series import SERIES
from .executor import MAXIMUM_FOUND
from .inbox import MAXIMUM_BATCH, MAXIMUM_OPERATIONS, maximum_seconds
from .operation import MAXIMUM_BYTES, MAXIMUM_STEPS
from .reader import MAXIMUM_READERS, MAXIMUM_ROWS
from .run import MAXIMUM_ANSWER

GROUP = "millwright_gateway.group_service"
PROTOCOL = 1

# Windows of the administrator: external id, title, model, views beside the list, context.
_ACTIONS = (
    ("action_inbox", "Operations", "millwright.inbox", True, "{'search_default_refused': 1}"),
    ("action_outbox", "Recorded changes", "millwright.outbox", True, "{}"),
    ("action_watch", "Watched models", "millwright.watch", True, "{}"),
    ("action_allowed", "Allowed methods", "millwright.allowed", True, "{}"),
    ("action_reader", "Readers", "millwright.reader", False, "{}"),
)
_CRONS = (
    ("cron_trim_outbox", "Millwright: trim recorded changes", "model_millwright_outbox", "model._trim()"),
    ("cron_trim_inbox", "Millwright: trim operations", "model_millwright_inbox", "model._trim()"),
)


class MillwrightGateway(models.AbstractModel):
    _name = "millwright.gateway"
    _description = "Millwright Gateway"

    @api.model
    def _require_service(self):
        if not self.env.user.has_group(GROUP):
            raise AccessError("This call is for users of the group \"Millwright: service\".")

    @api.model
    def health(self):
        """What a client has to know before it relies on this addon. Changes nothing but the epoch, where it is due."""
        self._require_service()
        cr = self.env.cr
        sudo = self.sudo().env
        store = self.env["millwright.store"]._current()
        cr.execute("SELECT clock_timestamp() AT TIME ZONE 'UTC', current_database(), current_setting('server_version')")
        database_clock, database, postgresql = cr.fetchone()
        cr.execute("SELECT count(*) FROM millwright_outbox WHERE position IS NULL")
        waiting = cr.fetchone()[0]
        # All keys of more than a year are too many to be counted at each call: the planner's estimate does.
        cr.execute(
            """SELECT (SELECT count(*) FROM millwright_inbox WHERE state = 'refused'),
                      (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'millwright_inbox'::regclass)""")
        refused, keys = cr.fetchone()
        installed = sudo["ir.module.module"].search([("state", "=", "installed")])
        modules_by_name = {module.name: module.latest_version for module in installed}
        user = self.env.user
        return {
            "addon": modules_by_name.get("millwright_gateway"),
            "protocol": PROTOCOL,
            "series": release.major_version,
            "version": release.version,
            "postgresql": postgresql,
            "database": database,
            "uuid": sudo["ir.config_parameter"].get_param("database.uuid"),
            "epoch": store.epoch,
            "clock": _instant(datetime.datetime.now(datetime.timezone.utc)),
            "database_clock": _instant(database_clock),
            "modules": modules_by_name,
            "user": {"id": user.id, "login": user.login, "company": user.company_id.id,
                     "companies": user.company_ids.ids, "lang": user.lang, "tz": user.tz},
            "watched": {model: list(names) for model, names in sudo["millwright.watch"]._watched().items()},
            "outbox": {
                "head": store.position, "unplaced": waiting, "trimmed": store.trimmed,
                "readers": [
                    {"name": reader.name, "position": reader.position,
                     "seen": _instant(reader.seen_at) if reader.seen_at else None}
                    for reader in sudo["millwright.reader"].search([])],
            },
            "inbox": {"refused": refused, "about": keys},
            "limits": {"operations": MAXIMUM_OPERATIONS, "steps": MAXIMUM_STEPS, "bytes": MAXIMUM_BYTES,
                       "batch_bytes": MAXIMUM_BATCH, "answer_bytes": MAXIMUM_ANSWER, "found": MAXIMUM_FOUND,
                       "seconds": maximum_seconds(), "rows": MAXIMUM_ROWS, "readers": MAXIMUM_READERS},
        }

    # -- interface -------------------------------------------------------------------------------------------

    @api.model
    def _load_interface(self):
        """Views, windows and scheduled actions, whose words differ between series. Called at install and upgrade."""
        self.env["millwright.store"]._current()
        self._load("ir.ui.view", ["id", "name", "model", "arch"], self._views())
        lists = [SERIES.list_view, "form"]
        self._load(
            "ir.actions.act_window", ["id", "name", "res_model", "view_mode", "context"],
            [[name, title, model, ",".join(lists if has_form else lists[:1]), context]
             for name, title, model, has_form, context in _ACTIONS])
        extra = sorted(SERIES.cron_values)
        self._load(
            "ir.cron", ["id", "name", "model_id/id", "state", "code", "interval_number", "interval_type"] + extra,
            [[name, title, "millwright_gateway." + model, "code", code, "1", "hours"]
             + [SERIES.cron_values[key] for key in extra] for name, title, model, code in _CRONS])
        return True

    @api.model
    def _views(self):
        folder = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "views")
        tree = ElementTree.parse(os.path.join(folder, "templates.xml"))
        rows = []
        for view in tree.getroot():
            (arch,) = view
            if arch.tag == "list":
                arch.tag = SERIES.list_view
            rows.append([view.get("id"), view.get("name"), view.get("model"),
                         ElementTree.tostring(arch, encoding="unicode").strip()])
        return rows

    @api.model
    def _load(self, model, names, rows):
        rows = [["millwright_gateway." + row[0]] + row[1:] for row in rows]
        result = self.sudo().env[model].with_context(lang=None).load(names, rows)
        if not result["ids"]:
            raise ValueError("%s could not be loaded: %s" % (model, result["messages"]))


def _instant(moment):
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
