/// A settings folder whose one flow hands facts from the door to a target that takes its time, and says its version.
enum CountsFolder {
    static func flow(_ version: Int) -> String {
        """
        flow: counts
        owner: production
        when: { type: "millwright.production.completed.*" }
        target: slow
        operation: take
        key: subject
        jq: "{order: .subject, version: \(version)}"

        """
    }

    /// The files of the first version. `node` and `target`: what else `millwright.yaml` and the target's file say.
    static func files(node: String = "", target: String = "") -> [String: String] {
        [
            "millwright.yaml": "node: hub\nlisten: 127.0.0.1:0\nstore: { path: FOLDER/data }\n" + node,
            "plants.yaml": "plants:\n  lyon: { zone: Europe/Paris, assets: { press-1: {} } }\n",
            "sources/door.yaml": "source: door\nprotocol: http\nplant: lyon\n",
            "targets/slow.yaml": "target: slow\nprotocol: paced\ntakes: 5ms\nlist: FOLDER/taken.txt\n" + target,
            "flows/counts.yaml": flow(0), "taken.txt": "",
        ]
    }
}
