"""One operation as it is handed in: read, checked and compared with others. Nothing here touches the database."""
import hashlib
import json
import re

MAXIMUM_KEY = 200
MAXIMUM_CODE = 60
# A thousand serial numbers that must be made, and what is done with them.
MAXIMUM_STEPS = 1_200
MAXIMUM_BYTES = 1_000_000
# Far more than any list of commands needs, far less than what exhausts the interpreter's stack.
MAXIMUM_DEPTH = 30

# The keys of each kind of step, by its verb: required ones and others.
_STEPS = {
    "guard": ({"ids", "where"}, {"otherwise", "code"}),
    "find": ({"where", "as"}, {"order", "limit", "count"}),
    "read": ({"ids", "fields", "as"}, set()),
    "create": ({"values"}, {"as", "context"}),
    "ensure": ({"where", "values", "as"}, {"context"}),
    "write": ({"ids", "values"}, {"when", "context"}),
    "call": ({"method"}, {"ids", "args", "kwargs", "when", "context", "as"}),
}
_NAME = re.compile(r"^[a-z][a-z0-9_]{0,60}$")
_MODEL = re.compile(r"^[a-z][a-z0-9_.]{1,100}$")
# Context keys that hold the ids of the records called on: what several operations say is put together.
UNITED = frozenset({"mo_ids_to_backorder", "picking_ids_not_to_backorder", "pickings_to_backorder"})


class Malformed(Exception):
    """The operation cannot be understood; nothing of it was executed."""


class Operation:
    """A key and a straight list of steps."""

    def __init__(self, given):
        if not isinstance(given, dict):
            raise Malformed("an operation is an object with key and steps")
        unknown = set(given) - {"key", "name", "lane", "context", "steps"}
        if unknown:
            raise Malformed("unknown keys of the operation: %s" % ", ".join(sorted(unknown)))
        # First of all, because everything below walks through the values.
        if depth_exceeds(given, MAXIMUM_DEPTH):
            raise Malformed("an operation is nested at most %d deep" % MAXIMUM_DEPTH)
        self.key = given.get("key")
        if not is_short_text(self.key):
            raise Malformed("key is a text of 1 to %d printable characters" % MAXIMUM_KEY)
        self.name = _text(given.get("name") or "", "name")
        self.lane = _text(given.get("lane") or "", "lane")
        self.context = _mapping(given.get("context") or {}, "context")
        steps = given.get("steps")
        if not isinstance(steps, list) or not 0 < len(steps) <= MAXIMUM_STEPS:
            raise Malformed("steps is a list of 1 to %d steps" % MAXIMUM_STEPS)
        self.steps = [Step(step, index) for index, step in enumerate(steps)]
        self._check_names()
        text = canonical({"context": self.context, "steps": steps})
        if len(text) > MAXIMUM_BYTES:
            raise Malformed("an operation has at most %d bytes" % MAXIMUM_BYTES)
        self.size = len(text)
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self.shape = canonical([self.context] + [step.shape for step in self.steps])

    def _check_names(self):
        named = set()
        for step in self.steps:
            for name in references(step.given):
                if not isinstance(name, str) or name not in named:
                    raise Malformed(
                        "step %d refers to %s, which no step before it makes" % (step.index, canonical(name)))
            if step.alias:
                named.add(step.alias)

    @property
    def reference(self):
        """The record that the operation is about before it made any: the first one that it names."""
        return next(("%s,%d" % (step.model, step.literal_ids[0]) for step in self.steps if step.literal_ids), None)

    @property
    def touches(self):
        """The records that the operation names, as (model, id)."""
        return {(step.model, record_id) for step in self.steps for record_id in step.literal_ids}


class Step:
    """One call of the ORM, or one guard before it."""

    def __init__(self, given, index):
        self.index = index
        self.given = given
        if not isinstance(given, dict):
            raise Malformed("step %d is no object" % index)
        verbs = [verb for verb in _STEPS if verb in given]
        if len(verbs) != 1:
            raise Malformed("step %d has one of %s" % (index, ", ".join(_STEPS)))
        self.verb = verbs[0]
        required, others = _STEPS[self.verb]
        keys = set(given) - {self.verb}
        if required - keys:
            raise Malformed("step %d (%s) lacks %s" % (index, self.verb, ", ".join(sorted(required - keys))))
        if keys - required - others:
            raise Malformed(
                "step %d (%s) has unknown keys %s" % (index, self.verb, ", ".join(sorted(keys - required - others))))
        self.model = given[self.verb]
        if not isinstance(self.model, str) or not _MODEL.match(self.model):
            raise Malformed("step %d names no model" % index)
        self.alias = given.get("as")
        if self.alias is not None and (not isinstance(self.alias, str) or not _NAME.match(self.alias)):
            raise Malformed("step %d: as is a short name" % index)
        self._check_values()
        self.shape = self._shape()

    def _check_values(self):
        given, index = self.given, self.index
        for name in ("where", "when", "fields", "args"):
            if name in given and not isinstance(given[name], list):
                raise Malformed("step %d: %s is a list" % (index, name))
        for name in ("values", "kwargs", "context"):
            if name in given:
                _mapping(given[name], name)
        if self.verb == "guard" and given.get("otherwise", "refuse") not in ("refuse", "stop"):
            raise Malformed("step %d: otherwise is refuse or stop" % index)
        for name in ("method", "order"):
            if name in given and not is_short_text(given[name]):
                raise Malformed("step %d: %s is a text" % (index, name))
        if "code" in given and not (is_short_text(given["code"]) and len(given["code"]) <= MAXIMUM_CODE):
            raise Malformed("step %d: code is a text of at most %d characters" % (index, MAXIMUM_CODE))
        if "ids" in given and not _are_ids(given["ids"]):
            raise Malformed("step %d: ids is a list of record ids, or {\"$ids\": name}" % index)
        if "count" in given and not _is_id(given["count"]):
            raise Malformed("step %d: count is a number above 0" % index)
        if "limit" in given and not _is_id(given["limit"]):
            raise Malformed("step %d: limit is a number above 0" % index)
        fixed = [given.get(name) for name in ("when", "fields")]
        fixed += [given["where"]] if self.verb == "guard" else []
        fixed += [given.get("context")] if self.verb != "call" else []
        if references(fixed):
            raise Malformed(
                "step %d: only ids, values, args, kwargs, a call's context and the where of find and ensure refer to "
                "others" % index)
        if "kwargs" in given and "context" in given["kwargs"]:
            raise Malformed("step %d: the context stands beside kwargs" % index)

    @property
    def literal_ids(self):
        ids = self.given.get("ids", ())
        return [one for one in ids if isinstance(one, int)] if isinstance(ids, list) else []

    @property
    def is_united(self):
        """Whether the calls of several operations may become one call on all their records.

        The result of such a call cannot be told apart by operation, so who names it gets a call of its own.
        """
        given = self.given
        return self.verb == "call" and "ids" in given and not self.alias \
            and not references([given.get("args"), given.get("kwargs"), given.get("context")])

    def _shape(self):
        """What must be equal so that two operations can be executed step by step together."""
        shape = dict(self.given)
        if "ids" in shape:
            shape["ids"] = None
        if self.verb in ("write", "create"):
            shape["values"] = None
        if self.verb in ("find", "ensure"):
            shape["where"] = shape["values"] = None
        if "context" in shape:
            shape["context"] = {
                name: (None if name in UNITED else value) for name, value in shape["context"].items()}
        return shape


def references(value):
    """The names that `{"$": name}` and `{"$ids": name}` refer to, anywhere in the value."""
    if isinstance(value, dict):
        if len(value) == 1:
            (name, target), = value.items()
            if name in ("$", "$ids"):
                return [target]
        return [name for part in value.values() for name in references(part)]
    if isinstance(value, (list, tuple)):
        return [name for part in value for name in references(part)]
    return []


def canonical(value):
    """One text for equal values, in ASCII: what is no text for the database must not fail here."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def depth_exceeds(value, limit):
    """Whether lists and objects are nested deeper than the limit; looks no deeper than that."""
    if not isinstance(value, (dict, list, tuple)):
        return False
    if limit == 0:
        return True
    return any(depth_exceeds(part, limit - 1) for part in (value.values() if isinstance(value, dict) else value))


def is_short_text(value):
    """Whether the value can be a key or a name: PostgreSQL takes no NUL, and JSON can carry half a character."""
    return isinstance(value, str) and 0 < len(value) <= MAXIMUM_KEY and value.isprintable()


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _are_ids(value):
    if isinstance(value, dict):
        return list(value) == ["$ids"] and isinstance(value["$ids"], str)
    return isinstance(value, list) and all(
        _is_id(one) or (isinstance(one, dict) and list(one) == ["$"]) for one in value)


def _mapping(value, name):
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise Malformed("%s is an object" % name)
    return value


def _text(value, name):
    if value != "" and not is_short_text(value):
        raise Malformed("%s is a text of at most %d printable characters" % (name, MAXIMUM_KEY))
    return value


def waves(operations):
    """Puts operations into waves: those of one wave touch different records and lanes; who comes later waits."""
    last = {}
    found = []
    for operation in operations:
        marks = set(operation.touches)
        if operation.lane:
            marks.add(("", operation.lane))
        number = 1 + max((last.get(mark, -1) for mark in marks), default=-1)
        for mark in marks:
            last[mark] = number
        while len(found) <= number:
            found.append([])
        found[number].append(operation)
    return found


def groups(operations, maximum):
    """Puts the operations of a wave into groups of one shape, in the order of each shape's first operation."""
    by_shape = {}
    for operation in operations:
        by_shape.setdefault(operation.shape, []).append(operation)
    for members in by_shape.values():
        for start in range(0, len(members), maximum):
            yield members[start:start + maximum]
