package import Contracts

/// The catalogue of everything that can be wrong with a settings folder. A code never changes its meaning.
package enum SettingsFailures {
    // Reading files.
    package static let unreadable = kind(1, "a file or folder cannot be read", "check the path and its permissions")
    package static let notUTF8 = kind(2, "a file is not UTF-8", "save the file as UTF-8")
    package static let tooLarge = kind(3, "a file or folder is too large", "split it, or move data out of the settings")
    package static let fileName = kind(
        4, "a file's name cannot be used", "use letters, digits, - and _, and the ending of its folder")
    package static let strayFile = kind(5, "a file is not read", "move it to the folder it belongs to, or remove it")
    package static let nameDiffers = kind(
        6, "a file is called otherwise than what it defines", "give both the same name")
    package static let missingFile = kind(7, "a file that every node needs is missing", "add the file")

    // YAML.
    package static let syntax = kind(
        10, "the YAML cannot be read", "correct the line; the rest of the file is read once it is well-formed")
    package static let tab = kind(11, "a tab in the indentation", "indent with spaces")
    package static let tooComplex = kind(
        12, "the YAML is nested too deeply or grows too large", "write it flatter, with fewer aliases")
    package static let documents = kind(13, "not exactly one YAML document", "keep one document a file")
    package static let duplicateKey = kind(14, "a key is given twice", "keep one of the two")
    package static let keyNotText = kind(15, "a key is not plain text", "use plain text as the key")
    package static let foreignTag = kind(16, "a YAML tag that is not known", "remove the tag")
    package static let controlCharacter = kind(17, "a character that YAML does not allow", "remove the character")

    // Keys and values against the spec.
    package static let unknownKey = kind(20, "an unknown key", "remove the key")
    package static let missing = kind(21, "a required key is missing", "add the key")
    package static let noValue = kind(22, "a key without a value", "give a value, or remove the key")
    package static let shape = kind(23, "text, a list or keys in the wrong place", "write it as the example shows")
    package static let type = kind(24, "a value of the wrong type", "write it as the example shows")
    package static let range = kind(25, "a value out of range", "choose a value within the range")
    package static let choice = kind(26, "a word that is no choice", "choose one of the words")
    package static let name = kind(27, "a malformed name", "use letters, digits, -, _ and ., at most 64 characters")
    package static let duration = kind(28, "a malformed duration", "write a number and a unit: 500ms, 30s, 5m, 12h, 7d")
    package static let bytes = kind(29, "a malformed size", "write a number and a unit: 64KiB, 20GiB")
    package static let url = kind(30, "a malformed URL", "write it with scheme and host: https://odoo.example")
    package static let address = kind(31, "a malformed address", "write host:port: 192.168.1.20:7878")
    package static let timeZone = kind(32, "an unknown time zone", "use an IANA name: Europe/Paris")
    package static let timeFormat = kind(33, "a malformed time pattern", "write it like dd/MM/yyyy,HH:mm:ss")
    package static let glob = kind(34, "a malformed file name pattern", "write it like *.csv")
    package static let secretLiteral = kind(
        35, "a secret in the settings", "write ${file:/path} or ${env:NAME}; and change the secret, it was in a file")
    package static let notSecret = kind(
        36, "a reference to a file or variable where none is read",
        "write the value; overlays change it per environment")
    package static let typePattern = kind(
        37, "a malformed event type pattern", "write it like millwright.production.completed.*")
    package static let connector = kind(38, "a connector refuses its settings", "correct the value")

    package static let quietWindow = kind(
        39, "a malformed stretch of the day or week", "write them like 22:00-22:30, or sun 02:00-04:00")

    package static let shifts = kind(
        87, "shifts that cannot be", "write days like 2026-12-24, and name shifts that the plant has")

    // What belongs together.
    package static let unknownProtocol = kind(40, "an unknown protocol", "choose a protocol that this version has")
    package static let duplicateName = kind(41, "a name is used twice", "rename one of the two")
    package static let unknownTarget = kind(42, "an unknown target", "add the target under targets/")
    package static let unknownPlant = kind(43, "an unknown plant", "add the plant to plants.yaml")
    package static let unknownAsset = kind(44, "an unknown asset", "add the asset to its plant in plants.yaml")
    package static let unknownMap = kind(45, "a map that does not exist", "add the file under maps/")
    package static let unknownCrosswalk = kind(46, "a crosswalk that does not exist", "add the table under crosswalks/")
    package static let unknownSource = kind(47, "an unknown source", "add the source under sources/")
    package static let unknownFlow = kind(48, "an unknown flow", "add the flow under flows/")
    package static let ambiguousAsset = kind(49, "an asset of several plants", "say plant: beside it")
    package static let unknownOperation = kind(
        50, "an operation that the target does not have", "choose one of the target's operations")
    package static let operationMissing = kind(51, "a flow without an operation", "say operation:")
    package static let mapMissing = kind(
        52, "a flow without a map", "add map: maps/NAME.jq, or jq: with the program in place")
    package static let contradiction = kind(53, "settings that contradict each other", "keep one of the two")
    package static let program = kind(54, "a jq program that does not compile", "correct the program")
    package static let unusedMap = kind(55, "a map that no flow uses", "use it in a flow, or remove the file")
    package static let unusedCrosswalk = kind(
        56, "a crosswalk that no map looks up", "use it with lookup, or remove the file")
    package static let noSuchType = kind(57, "a pattern that matches no event type", "check the type's name")

    // Crosswalks.
    package static let tableHeader = kind(
        60, "a crosswalk with an unusable header", "begin the file with from,to or key columns before to")
    package static let tableRow = kind(
        61, "a crosswalk row with too few or too many cells", "give each row as many cells as the header")
    package static let tableKey = kind(62, "a crosswalk key is given twice or is empty", "keep one row for each key")
    package static let tableQuotes = kind(
        63, "a crosswalk with a misplaced quote", "put the whole cell in quotes and double those inside")
    package static let tableSpace = kind(
        64, "a crosswalk cell with space around it", "remove the space, or quote the cell to keep it")

    // Overlays.
    package static let noOverlay = kind(70, "an overlay that does not exist", "name a folder under overlays/")
    package static let overlayAdds = kind(71, "an overlay that adds a file", "add the file to the folder itself")
    package static let overlayFlow = kind(
        72, "an overlay that changes a flow or a map", "change the flow itself: overlays change values only")
    package static let overlayIdentity = kind(
        73, "an overlay that changes what something is", "overlays change values, not names and protocols")

    // What connectors need.
    package static let noListener = kind(
        80, "something is reached over the node's listener, and there is none",
        "add listen: 0.0.0.0:8443 (and a certificate) or listen: 127.0.0.1:8080 to millwright.yaml")
    package static let noNodeKey = kind(
        81, "something signs with the node's key, and none is named",
        "make one with `millwright keygen`, and name it in millwright.yaml: security: { key: keys/node.key }")
    package static let noSignals = kind(
        82, "a source whose readings lead to no event", "add signals: that say what the readings mean")

    package static let noToken = kind(
        83, "something is open to everybody who reaches the node's listener", "give it a token")

    // Event types of the folder's own.
    package static let schemaSyntax = kind(90, "a schema is not JSON", "correct the JSON at the place that is named")
    package static let schema = kind(
        91, "a schema that does not compile, or demands less than it seems", "correct the keyword at this place")
    package static let schemaName = kind(
        92, "a schema's file is not called like an event type",
        "call the file COMPANY.FAMILY.FACT.v1.json, as the type is called")
    package static let canonicalType = kind(
        93, "a schema for a canonical type", "begin the type with your company's name instead of millwright")
    package static let translation = kind(
        94, "a translation between versions that are not there",
        "call it like the schema of the older version, and give the next version a schema")

    // Tests of a folder.
    package static let testStep = kind(
        95, "a step of a test that brings in nothing, or several things", "give it one input")
    package static let testInput = kind(
        96, "an input that the source does not take", "give it what the source reads, or events, or readings")
    package static let testTime = kind(
        97, "a malformed time in a test", "write it with a zone, like 2026-03-02T09:00:00Z")
    package static let testEvent = kind(98, "an event of a test that is none", "write it as a CloudEvents event")

    // What follows from all of it together.
    package static let cron = kind(
        100, "malformed times of a batch", "write minute, hour, day, month and day of the week: \"30 22 * * mon-fri\"")
    package static let unreachable = kind(
        101, "a flow that nothing can start", "correct when:, or add the source that its events come from")
    package static let neverTrue = kind(
        102, "a condition that never holds", "correct the condition, or remove the flow")
    package static let sameFlow = kind(103, "two flows that do the same", "remove one of the two")
    package static let cycle = kind(
        104, "what goes out comes back in, without end", "break the circle at one of its places")
    package static let ownership = kind(
        105, "a flow that writes what its target does not own",
        "let the owner's events start it, or say in ownership.yaml who owns it")
    package static let systems = kind(
        106, "systems of record that contradict the folder", "name each source and target in one system")
    package static let unknownSystem = kind(107, "an unknown system", "name a system, or a source or target")
    package static let secretMissing = kind(
        108, "a secret that is not where the settings say", "put it there, or correct the path or name")
    package static let secretOpen = kind(
        109, "a secret that others can read", "let its owner alone read it: chmod 600, and change the secret")
    package static let secretUnusable = kind(
        110, "a secret that cannot be used", "put the secret into the file, alone and as one line of text")
    package static let mapFails = kind(
        111, "a jq program that fails on an event that it must take", "correct the program at this place")
    package static let argumentUnknown = kind(
        112, "an argument that the operation does not have", "use one of the operation's arguments")
    package static let argumentMissing = kind(
        113, "an argument that the operation needs and the map does not make", "let the map make it")
    package static let argumentType = kind(
        114, "an argument of the wrong type", "let the map make what the operation takes")
    package static let memberUnknown = kind(
        115, "a member that the event does not have", "use one of the members that the event has")
    package static let tableHole = kind(
        116, "a crosswalk lacks a key that is sure to be looked up", "add a row for it")
    package static let tableUnusedRow = kind(
        117, "a crosswalk row that nothing can look up", "correct its key, or remove the row")
    package static let clash = kind(118, "two want the same place on this machine", "give one of them another place")
    package static let readTwice = kind(
        119, "two read the same, and every fact would count twice", "remove one of the two")
    package static let unit = kind(120, "a unit of another dimension", "write a unit that measures this")

    /// Every kind by code, for the error reference.
    package static let all: [FailureKind] = [
        unreadable, notUTF8, tooLarge, fileName, strayFile, nameDiffers, missingFile, syntax, tab, tooComplex,
        documents,
        duplicateKey, keyNotText, foreignTag, controlCharacter, unknownKey, missing, noValue, shape, type, range,
        choice,
        name, duration, bytes, url, address, timeZone, timeFormat, glob, secretLiteral, notSecret, typePattern,
        connector, quietWindow, shifts,
        unknownProtocol, duplicateName, unknownTarget, unknownPlant, unknownAsset, unknownMap, unknownCrosswalk,
        unknownSource, unknownFlow, ambiguousAsset, unknownOperation, operationMissing, mapMissing, contradiction,
        program,
        unusedMap, unusedCrosswalk, noSuchType, tableHeader, tableRow, tableKey, tableQuotes, tableSpace, noOverlay,
        overlayAdds, overlayFlow, overlayIdentity, noListener, noNodeKey, noSignals,
        noToken, schemaSyntax, schema, schemaName, canonicalType, translation, testStep, testInput, testTime, testEvent,
        cron, unreachable, neverTrue, sameFlow, cycle, ownership, systems, unknownSystem, secretMissing, secretOpen,
        secretUnusable, mapFails, argumentUnknown, argumentMissing, argumentType, memberUnknown, tableHole,
        tableUnusedRow, clash, readTwice, unit,
    ]

    private static func kind(_ number: Int, _ title: String, _ remedy: String) -> FailureKind {
        let digits = String(number)
        return FailureKind("SET-\(String(repeating: "0", count: 3 - digits.count))\(digits)", title, remedy: remedy)
    }
}
