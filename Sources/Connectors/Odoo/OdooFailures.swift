package import Contracts

/// What can go wrong between Millwright and Odoo, each with its stable code.
package enum OdooFailures {
    // The connection.
    package static let unreachable = FailureKind(
        "ODOO-001", "Odoo cannot be reached",
        remedy: "Check that Odoo runs and that this node reaches its endpoint; nothing was sent, and it is tried again."
    )
    package static let credentials = FailureKind(
        "ODOO-002", "Odoo refuses the login or the API key",
        remedy: """
            Check the target's login and secret. API keys expire (at most 90 days for an ordinary user): make a new \
            one in \
            Odoo under Preferences, Account Security, and put it into the secret. Deliveries wait until it works.
            """)
    package static let unknownDatabase = FailureKind(
        "ODOO-003", "Odoo has no such database",
        remedy: "Correct the target's `database`; deliveries wait until it exists.")
    package static let databaseTrouble = FailureKind(
        "ODOO-004", "Odoo has trouble with its own database",
        remedy: "Look at the PostgreSQL server behind Odoo; it is tried again.")
    package static let notOdoo = FailureKind(
        "ODOO-005", "the endpoint does not answer as Odoo does",
        remedy: "Set the target's `endpoint` to Odoo's base address, such as https://odoo.example.com, without a path.")
    package static let version = FailureKind(
        "ODOO-006", "this version of Odoo is not supported",
        remedy: "Use Odoo 16, 17, 18 or 19.")
    package static let busy = FailureKind(
        "ODOO-007", "Odoo was busy with the same records and gave up",
        remedy: "Nothing was changed; it is tried again.")
    package static let throttled = FailureKind(
        "ODOO-008", "Odoo or a proxy before it asks to slow down",
        remedy: "It is tried again later; lower the target's concurrency if this goes on.")
    package static let fateUnknown = FailureKind(
        "ODOO-009", "the answer was lost after the request had been sent",
        remedy: "Odoo is asked whether it happened before anything is sent again.")

    // What Odoo answers.
    package static let rights = FailureKind(
        "ODOO-010", "the Odoo user may not do this",
        remedy: "Give the target's user the missing group in Odoo, then resubmit.")
    package static let gone = FailureKind(
        "ODOO-011", "the record is not in Odoo any more",
        remedy: "Find out who deleted it; correct the reference and resubmit, or discard.")
    package static let businessRule = FailureKind(
        "ODOO-012", "Odoo refuses this by a business rule",
        remedy: "Do in Odoo what its message asks for, then resubmit.")
    package static let constraint = FailureKind(
        "ODOO-013", "Odoo refuses these values",
        remedy: "Correct the values that Odoo's message names, then resubmit.")
    package static let missingModel = FailureKind(
        "ODOO-014", "an Odoo app that this operation needs is not installed",
        remedy: "Install the app (Manufacturing, Inventory or Maintenance) in Odoo, then resubmit.")
    package static let badRequest = FailureKind(
        "ODOO-015", "Odoo does not understand the request",
        remedy:
            "Odoo's fields or methods differ here, by a customisation or a version: compare with the operation's "
            + "documentation."
    )
    package static let serverError = FailureKind(
        "ODOO-016", "a program error inside Odoo",
        remedy: "Nothing was changed. Look into Odoo's log at this time; resubmit when it is repaired.")

    // What the command asks for.
    package static let arguments = FailureKind(
        "ODOO-020", "the command's arguments are wrong",
        remedy: "Correct the flow's map, then resubmit.")
    package static let orderNotFound = FailureKind(
        "ODOO-021", "there is no such manufacturing order in Odoo",
        remedy: "Create or confirm the order in Odoo, or correct the reference, then resubmit.")
    package static let orderAmbiguous = FailureKind(
        "ODOO-022", "several manufacturing orders fit",
        remedy: "Name the order by what is unique: set the target's `orderBy` to `name`, or give `item` as well.")
    package static let orderClosed = FailureKind(
        "ODOO-023", "the manufacturing order is already closed",
        remedy:
            "Record the quantity by hand or on another order, then discard; or reopen production with a new order and "
            + "resubmit."
    )
    package static let correctedByHand = FailureKind(
        "ODOO-024", "somebody corrected the quantity in Odoo by hand",
        remedy: "Resubmit with `corrections: accept` to count on from the corrected quantity, or discard.")
    package static let unit = FailureKind(
        "ODOO-025", "the quantity cannot be converted to the record's unit",
        remedy: "Use a unit of the same kind as the record's unit of measure in Odoo, then resubmit.")
    package static let productNotFound = FailureKind(
        "ODOO-026", "there is no such product in Odoo",
        remedy: "Create the product with this internal reference, or correct the code, then resubmit.")
    package static let operationNotFound = FailureKind(
        "ODOO-027", "the order has no such open work order",
        remedy: "Name the work order by its name, or by its work center's code or name, then resubmit.")
    package static let workCenterNotFound = FailureKind(
        "ODOO-028", "there is no such work center in Odoo",
        remedy: "Give the work center this code in Odoo, or correct the crosswalk, then resubmit.")
    package static let notAComponent = FailureKind(
        "ODOO-029", "the order does not use this item",
        remedy: "Add the component to the order in Odoo, then resubmit.")
    package static let lotNeeded = FailureKind(
        "ODOO-030", "a lot or serial number is needed",
        remedy: "Give the lot, or the serials, one for each piece, then resubmit.")
    package static let lossUnknown = FailureKind(
        "ODOO-031", "there is no such loss reason in Odoo",
        remedy:
            "Use one of Odoo's loss reasons (Manufacturing, Configuration, OEE losses) in the crosswalk, then resubmit."
    )
    package static let shortStock = FailureKind(
        "ODOO-032", "Odoo has too little stock for this",
        remedy: "Correct the stock in Odoo and resubmit; for scrap, or set the target's `shortage` to `record`.")
    package static let equipmentNotFound = FailureKind(
        "ODOO-033", "the equipment is not to be seen in Odoo",
        remedy:
            "An ordinary user sees only equipment that it follows: make it the owner, or give it the group Equipment "
            + "Manager."
    )
    package static let notDone = FailureKind(
        "ODOO-034", "Odoo did not close the order",
        remedy: "Open the order in Odoo, press Done there to see what it asks for, then resubmit or discard.")
    package static let cannotTell = FailureKind(
        "ODOO-035", "it cannot be told whether the write happened, because the record was changed since",
        remedy: "Compare the record in Odoo with the values here; discard if it is in, else resubmit.")
    package static let expired = FailureKind(
        "ODOO-036", "the start of this downtime is too old to open a line now",
        remedy: "Record the whole downtime with `downtime.record` when it is over, and discard this.")
    package static let nothingToStop = FailureKind(
        "ODOO-037", "no open downtime of this work center is known",
        remedy: "Record the whole downtime with `downtime.record`, and discard this.")
    package static let changedMeanwhile = FailureKind(
        "ODOO-038", "the record changed between reading and writing",
        remedy: "Nothing was written; it is read anew and tried again.")
    package static let locationNotFound = FailureKind(
        "ODOO-039", "there is no such stock location in Odoo",
        remedy: "Use the location's full name, such as WH/Stock, then resubmit.")
    package static let belowZero = FailureKind(
        "ODOO-040", "the quantity in Odoo would fall below zero",
        remedy: "Compare what was counted with the record in Odoo; correct and resubmit, or discard.")

    package static let orderDraft = FailureKind(
        "ODOO-041", "the manufacturing order is still a draft",
        remedy: "Confirm the order in Odoo, then resubmit.")

    package static let mayBeDone = FailureKind(
        "ODOO-042", "it may have been posted before this node's store was restored or mended",
        remedy:
            "Compare the quantity in Odoo with what was made until then: discard this if it is in, else resubmit it.")

    package static let changedSinceListed = FailureKind(
        "ODOO-043", "it is posted again as Odoo had forgotten it, and the record changed since that was listed",
        remedy: "Compare the record in Odoo with what was made: discard this if it is in, else resubmit it.")

    package static let otherWriter = FailureKind(
        "ODOO-059", "another node writes to this Odoo as this user",
        remedy: """
            Stop that node, or give each node a user of its own in Odoo, or install the companion addon, which keeps \
            apart what they do; where they write to different records, set the target's `writers` to `several`. \
            Deliveries wait, and go on when that node has stopped or been silent for twice the setting `settle`.
            """)

    package static let noGateway = FailureKind(
        "ODOO-044", "the companion addon cannot be used",
        remedy: """
            Install the addon `millwright_gateway` in Odoo and give the target's user the group "Millwright: service", \
            or set the target's `gateway` to `auto`; deliveries wait.
            """)
    package static let gatewayVersion = FailureKind(
        "ODOO-045", "the companion addon in Odoo is of another version",
        remedy: "Install the addon that came with this version of Millwright, and upgrade it in Odoo.")
    package static let notAllowed = FailureKind(
        "ODOO-046", "the companion addon's administrator does not allow this method",
        remedy: "Allow the method in Odoo under Settings, Millwright, Allowed methods, then resubmit.")

    package static let recordNotFound = FailureKind(
        "ODOO-047", "what the command names is not in Odoo",
        remedy: "Make the record in Odoo, or correct the name in the map or the crosswalk, then resubmit.")
    package static let recordAmbiguous = FailureKind(
        "ODOO-048", "several records in Odoo have this name",
        remedy: "Name the record by what is unique, or by its database id, then resubmit.")
    package static let wrongState = FailureKind(
        "ODOO-049", "the document is in a state that does not allow this",
        remedy: "Look at the document in Odoo: bring it into the state that is expected and resubmit, or discard.")
    package static let notReached = FailureKind(
        "ODOO-050", "Odoo carried the step out, and the document is not in the state that it should reach",
        remedy: "Do the same step by hand in Odoo to see what it asks for, then resubmit or discard.")
    package static let notInVersion = FailureKind(
        "ODOO-051", "this version of Odoo does not have that",
        remedy: "Leave the argument out for this target, or use another operation.")

    package static let company = FailureKind(
        "ODOO-055", "the company cannot be worked in",
        remedy: """
            Correct the `company` in the settings, or add the company to the user's allowed companies in Odoo under \
            Settings, Users. Deliveries wait until it works.
            """)
    package static let otherCompany = FailureKind(
        "ODOO-056", "it was sent to another company than the one that the settings name now",
        remedy: """
            Look in the company that it was sent to whether it was posted: discard this if it was, else resubmit it. \
            Change a target's company only while nothing of it is under way.
            """)

    package static let keyEnds = FailureKind(
        "ODOO-057", "an API key ends soon",
        remedy: """
            Run `millwright odoo rotate-key`, or make a new key in Odoo under Preferences, Account Security, and put \
            it into the secret's file. A running node takes it up by itself.
            """)
    package static let keyRotation = FailureKind(
        "ODOO-058", "the API key could not be changed by itself",
        remedy: """
            Log in to Odoo as the target's user, make a key under Preferences, Account Security, New API Key, write it \
            into the secret's file, look with `millwright odoo doctor` that it works, and delete the old key at the \
            same place. Newer releases of Odoo 19 do it by themselves where an administrator has set the system \
            parameter base.enable_programmatic_api_keys to True.
            """)

    package static let historyChanged = FailureKind(
        "ODOO-060", "Odoo's record of changes is not the one that was read before",
        remedy: """
            Changes may be missing: compare the documents that matter. Reading goes on from the oldest change that \
            Odoo has; what is stored already is not stored twice.
            """)

    package static let answerTooLarge = FailureKind(
        "ODOO-061", "Odoo's answer is larger than is read",
        remedy: """
            Look at what it reads there: a document with very many lines, a field with a very long text. Split or \
            shorten it in Odoo, or ask for less, then resubmit.
            """)
    package static let packedStock = FailureKind(
        "ODOO-062", "the stock there is in packages or belongs to others, and a count would not replace it",
        remedy: """
            Name the package in the argument `package`, one command for each package, or unpack the stock in Odoo, \
            then resubmit. Where stock of another owner lies there, count all of it by hand in Odoo and discard this.
            """)

    /// Every kind, in the order of the codes: the error reference.
    package static let all = [
        unreachable, credentials, unknownDatabase, databaseTrouble, notOdoo, version, busy, throttled, fateUnknown,
        rights, gone, businessRule, constraint, missingModel, badRequest, serverError,
        arguments, orderNotFound, orderAmbiguous, orderClosed, correctedByHand, unit, productNotFound,
        operationNotFound, workCenterNotFound, notAComponent, lotNeeded, lossUnknown, shortStock, equipmentNotFound,
        notDone, cannotTell, expired, nothingToStop, changedMeanwhile, locationNotFound, belowZero,
        orderDraft, mayBeDone, changedSinceListed, noGateway, gatewayVersion, notAllowed,
        recordNotFound, recordAmbiguous, wrongState, notReached, notInVersion, company,
        otherCompany, keyEnds, keyRotation, otherWriter, historyChanged, answerTooLarge, packedStock,
    ]
}
