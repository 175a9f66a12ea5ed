"""Carries operations out, as the calling user and with nothing but its rights."""
import logging
import time

from odoo import models

from ..series import LOCKED, RETRIED, TRY_AGAIN
from .operation import UNITED, canonical
from .run import Refused, plain, words
from .tracker import LOST_RACES, LostRaces

_logger = logging.getLogger(__name__)

MAXIMUM_FOUND = 1_000
# Lines whose changes their order has no part in: those of all orders of a group are written together, alike to alike.
_LINES_APART = {"mrp.production": ("move_raw_ids",)}


class _Out(Exception):
    """Some members of a group were refused after the group had written: it begins anew without them."""

    def __init__(self, refused):
        super().__init__()
        self.refused = refused


class _Asked(Exception):
    """A common call opened a window instead of doing its work; by itself it would have done it for most members."""


class Executor:
    """Executes groups of operations of one shape, until a moment of the monotonic clock."""

    def __init__(self, env, source, until):
        self.source = source
        self.until = until
        # As the user and never with the rights of the system, even where the server's own code calls. Labels and
        # messages in one language and instants in UTC, whatever the user's preferences say.
        self.env = env(su=False, context=dict(env.context, lang="en_US", tz="UTC"))
        self.allowed = env["millwright.allowed"]._listed()

    def execute(self, runs):
        """All together in one savepoint; what fails so, each in a savepoint of its own."""
        alone = self._together(runs)
        for number, run in enumerate(alone):
            # The first one is tried in any case: a group that fails late must not use up all the time for ever.
            if number and time.monotonic() > self.until:
                run.defer()
            else:
                self._together([run])

    def _together(self, runs):
        """Executes the runs in one savepoint; returns those that must be tried by themselves.

        A guard behind a write that refuses a member of a group is no proof: one call on all records may have done
        nothing because of another member.
        """
        waiting, alone = list(runs), []
        while waiting:
            for run in waiting:
                run.clear()
            self.env["millwright.outbox"]._set_origin(
                self.source, waiting[0].operation.key if len(waiting) == 1 else None)
            try:
                with self.env.cr.savepoint():
                    self._lockstep(waiting)
                for run in waiting:
                    if run.status is None:
                        run.succeed()
                return alone
            except RETRIED:
                raise
            except LOCKED as error:
                raise TRY_AGAIN(str(error)) from error
            except Exception as error:
                if len(waiting) == 1:
                    run = waiting[0]
                    run.refuse(error.refused[run] if isinstance(error, _Out) else error)
                    return alone
                if not isinstance(error, _Out):
                    _logger.info("a group of %d operations failed, each is tried by itself: %s", len(waiting), error)
                    return alone + [run for run in waiting if run.status is None]
                alone += error.refused
                waiting = [run for run in waiting if run.status is None and run not in error.refused]
        return alone

    def _lockstep(self, runs):
        """The first step of all, then the second one of all, and so on."""
        has_written = False
        for index in range(len(runs[0].operation.steps)):
            active = [run for run in runs if run.status is None and not run.is_finished]
            if not active:
                return
            step = active[0].operation.steps[index]
            self._check_allowed(step)
            refused = {}
            getattr(self, "_" + step.verb)(index, active, refused)
            if refused and has_written:
                raise _Out(refused)
            for run, error in refused.items():
                run.refuse(error)
            has_written = has_written or step.verb in ("create", "ensure", "write", "call")

    def _check_allowed(self, step):
        if step.model not in self.env:
            raise Refused("missing_model", "this Odoo has no model %s: its app is not installed" % step.model)
        method = step.given["method"] if step.verb == "call" else {"ensure": "create"}.get(step.verb, step.verb)
        if step.verb in ("guard", "find", "read"):
            return
        if not self.env["millwright.allowed"]._permits(self.allowed, step.model, method):
            raise Refused(
                "not_allowed", "%s of %s is not among the methods that operations may call" % (method, step.model))

    def _model(self, step, run, united=()):
        context = dict(run.operation.context)
        own = step.given.get("context") or {}
        context.update(run.fill(own))
        for name in UNITED & set(own):
            context[name] = sorted({one for member in united or [run] for one in member.fill(
                member.operation.steps[step.index].given["context"][name])})
        return self.env[step.model].with_context(**context)

    @staticmethod
    def _each(index, runs, refused, function):
        """Calls the function for each run; what it refuses is kept apart."""
        for run in runs:
            try:
                function(run, run.operation.steps[index])
            except Refused as error:
                refused[run] = error

    # -- looking ---------------------------------------------------------------------------------------------

    def _guard(self, index, runs, refused):
        """The records must exist, be visible and match, and stay so until the commit: they are locked."""
        first = runs[0].operation.steps[index]
        wanted = self._ids(index, runs, refused)
        model = self._model(first, runs[0]).with_context(active_test=False)
        where = first.given["where"]
        ids = sorted({one for ids in wanted.values() for one in ids})
        found = model.search([("id", "in", ids)])
        self._lock(found)
        matching = set(self._matching(found, where)._ids)
        for run, own in wanted.items():
            run.note(first.model, own)
            missing = set(own) - set(found._ids)
            contradicting = [one for one in own if one not in matching and one not in missing]
            if missing:
                refused[run] = Refused("gone", "%s %s is not there, or not to be seen by this user" % (
                    first.model, ", ".join(map(str, sorted(missing)))))
            elif contradicting and first.given.get("otherwise") == "stop":
                run.is_finished = True
            elif contradicting:
                refused[run] = Refused(
                    first.given.get("code") or "guard", self._contradiction(model.browse(contradicting[0]), where, run))

    def _contradiction(self, record, where, run):
        known = list(dict.fromkeys(path.split(".")[0] for path in _paths(where)))
        values = record.read(known)[0] if known else {}
        held = ", ".join("%s is %s" % (name, words(values.get(name))) for name in known)
        text = "%s (%s,%d): %s; expected %s" % (record.display_name, record._name, record.id, held, canonical(where))
        return text + (", and Odoo opened the window %s" % run.window if run.window else "")

    def _matching(self, records, where):
        """Those of the records that fit. Computed here rather than searched for: Odoo 16 passes over a condition that
        it cannot search for, and a guard would let everything pass."""
        self._check_domain(records, where)
        return records.filtered_domain([tuple(part) if isinstance(part, list) else part for part in where])

    @staticmethod
    def _check_domain(model, where, purpose=None):
        """Refuses a domain with fields that are not there, not to be read by the user or not to be searched for."""
        for path in _paths(where):
            owner = model
            for name in path.split("."):
                # Conditions on fields that only others may read would tell their values. `fields_get` leaves them out.
                field = owner.fields_get([name], ["type", "relation", "searchable"]).get(name) if name else None
                if field is None or (purpose and not field.get("searchable")):
                    raise Refused("bad_request", "%s of the condition on %s is no field of %s that this user may %s" % (
                        name, path, owner._name, purpose or "read"))
                if not field.get("relation"):
                    break  # what stands behind it is a part of a date or a property
                owner = model.env[field["relation"]]

    def _lock(self, records):
        """Keeps others from changing the rows before this transaction ends.

        Where somebody changed one since the transaction's snapshot, PostgreSQL refuses, and Odoo runs the call again.
        (The ORM has a lock of its own from 19 on only, and that one does not wait.)
        """
        if records and records._auto:
            self.env.cr.execute(
                'SELECT id FROM "%s" WHERE id = ANY(%%s) ORDER BY id FOR NO KEY UPDATE' % records._table,
                [records.ids], log_exceptions=False)

    def _ids(self, index, runs, refused):
        wanted = {}

        def take(run, step):
            wanted[run] = run.ids(step)

        self._each(index, runs, refused, take)
        return wanted

    def _find(self, index, runs, refused):
        def find(run, step):
            given, where = step.given, run.fill(step.given["where"])
            model = self._model(step, run)
            self._check_domain(model, where, "search")
            # One more than there may be: to act on some of them, silently, would be wrong.
            limit = min(given.get("limit") or MAXIMUM_FOUND + 1, MAXIMUM_FOUND + 1)
            ids = model.search(where, order=given.get("order"), limit=limit).ids
            if len(ids) > MAXIMUM_FOUND:
                raise Refused("too_large", "more than %d records of %s fit %s" % (
                    MAXIMUM_FOUND, step.model, canonical(where)))
            count = given.get("count")
            if count and len(ids) != count:
                code = "not_found" if len(ids) < count else "ambiguous"
                raise Refused(code, "%d records of %s fit %s; expected %d" % (
                    len(ids), step.model, canonical(where), count))
            run.keep(step.alias, ids, ids)

        self._each(index, runs, refused, find)

    def _read(self, index, runs, refused):
        wanted = self._ids(index, runs, refused)
        step = runs[0].operation.steps[index]
        ids = list(dict.fromkeys(one for ids in wanted.values() for one in ids))
        model = self._model(step, runs[0]).with_context(active_test=False)
        rows = {row["id"]: plain(row) for row in model.search([("id", "in", ids)]).read(step.given["fields"])}
        for run, own in wanted.items():
            try:
                run.keep(step.alias, own, [rows[one] for one in own if one in rows])
            except Refused as error:
                refused[run] = error

    # -- changing --------------------------------------------------------------------------------------------

    def _create(self, index, runs, refused):
        """One call for all: the ORM creates a hundred records little slower than one."""
        values = {}

        def take(run, step):
            values[run] = run.fill(step.given["values"])

        self._each(index, runs, refused, take)
        if not values:
            return
        step = runs[0].operation.steps[index]
        records = self._model(step, runs[0], list(values)).create(list(values.values()))
        for run, record_id in zip(values, records.ids):
            self._made(run, step, [record_id])

    def _made(self, run, step, ids):
        if step.alias:
            run.keep(step.alias, ids, ids)
        run.note(step.model, ids)

    def _ensure(self, index, runs, refused):
        """Finds a record or makes it. Two callers that make the same one at once cannot both succeed."""
        def ensure(run, step):
            where, values = run.fill(step.given["where"]), run.fill(step.given["values"])
            model = self._model(step, run)
            self._check_domain(model, where, "search")
            found = model.search(where, limit=2)
            if len(found) > 1:
                raise Refused("ambiguous", "several records of %s fit %s" % (step.model, canonical(where)))
            if not found:
                self.env["millwright.inbox.claim"]._claim(step.model + canonical(where))
                found = model.create([values])
            self._made(run, step, found.ids)

        self._each(index, runs, refused, ensure)

    def _records(self, step, model, ids):
        when = step.given.get("when")
        records = model.browse(ids)
        # What is gone needs nothing any more where only some of the records are meant.
        return self._matching(records.exists(), when) if when else records

    def _write(self, index, runs, refused):
        wanted = self._ids(index, runs, refused)
        alike, lines = {}, {}
        for run, ids in list(wanted.items()):
            step = run.operation.steps[index]
            try:
                values = run.fill(step.given["values"])
            except Refused as error:
                refused[run] = error
                continue
            if len(wanted) > 1 and "when" not in step.given:
                values = self._without_lines(step.model, values, lines)
            alike.setdefault(canonical(values), (values, []))[1].append((run, ids))
        for values, members in alike.values():
            step = members[0][0].operation.steps[index]
            model = self._model(step, members[0][0], [run for run, _ids in members])
            records = self._records(step, model, [one for _run, ids in members for one in ids])
            if records and values:
                records.write(values)
            for run, ids in members:
                run.note(step.model, ids)
        for model, values, ids in lines.values():
            self._model(runs[0].operation.steps[index], runs[0]).env[model].browse(ids).write(values)

    def _without_lines(self, model, values, lines):
        """The values without the changes of lines that need not go through their order; those are added to `lines`."""
        rest = dict(values)
        for name in _LINES_APART.get(model, ()):
            commands = rest.get(name)
            if not commands or not all(len(command) == 3 and command[0] == 1 for command in commands):
                continue
            del rest[name]
            comodel = self.env[model]._fields[name].comodel_name
            for _update, line, changes in commands:
                lines.setdefault((comodel, canonical(changes)), (comodel, changes, []))[2].append(line)
        return rest

    def _call(self, index, runs, refused):
        step = runs[0].operation.steps[index]
        if step.is_united:
            wanted = self._ids(index, runs, refused)
            if wanted:
                ids = [one for ids in wanted.values() for one in ids]
                model = self._model(step, runs[0], list(wanted))
                self._called(step, self._records(step, model, ids), list(wanted.items()))
            return

        def call(run, step):
            model = self._model(step, run)
            if "ids" in step.given:
                ids = run.ids(step)
                self._called(step, self._records(step, model, ids), [(run, ids)])
            else:
                self._called(step, model, [(run, [])])

        self._each(index, runs, refused, call)

    def _called(self, step, records, members):
        given = step.given
        run = members[0][0]
        args, kwargs = run.fill(given.get("args") or []), run.fill(given.get("kwargs") or {})
        if "ids" in given and not records:
            result = None
        elif given["method"] == "load":
            result = self._imported(records, args, kwargs)
        else:
            result = getattr(records, given["method"])(*args, **kwargs)
        ids = result.ids if isinstance(result, models.BaseModel) else None
        window = result.get("res_model") if isinstance(result, dict) else None
        # A button that asks a question about one order has done nothing for the others either. A window that shows
        # what was done is one of an ordinary model.
        if window and len(members) > 1 and (window not in self.env or self.env[window]._transient):
            raise _Asked("%s of %s opened %s" % (given["method"], step.model, window))
        for member, own in members:
            member.note(step.model, own or ids or [])
            member.window = window or member.window
            if step.alias:
                member.keep(step.alias, own if ids is None else ids, plain(result))

    @staticmethod
    def _imported(model, args, kwargs):
        """An import does not raise: it tells of its failure in its answer, also of a race that it has lost."""
        races = LostRaces()
        result = model.with_context(**{LOST_RACES: races}).load(*args, **kwargs)
        if races.lost:
            raise races.lost[0]
        if not result.get("ids"):
            raise Refused("constraint", "; ".join(
                str(message.get("message")) for message in result.get("messages") or []) or "nothing was imported")
        return model.browse(result["ids"])


def _paths(where):
    """The field paths of a domain's conditions."""
    conditions = [part for part in where if isinstance(part, (list, tuple)) and len(part) == 3]
    return [path for path, _operator, _value in conditions if isinstance(path, str)]
