import Contracts
import ExactJSON

/// The intent of an operation that makes one record under an external id, and is done with it.
struct LoadOnce: Sendable {
    let model: String
    /// The external id, without its module.
    let name: String
    let cells: [(field: String, value: String)]
    let summary: String

    /// Nothing is sent where the record is there already.
    func prepare(in session: OdooSession) async throws(OdooError) -> Preparation {
        if let id = try await session.record(externalID: name) { return .settled(.accepted(acceptance(id))) }
        return .ready(intent: json)
    }

    func perform(in session: OdooSession) async throws(OdooError) -> Outcome {
        .accepted(acceptance(try await session.load(model, name: name, cells)))
    }

    func inquire(in session: OdooSession) async throws(OdooError) -> Inquiry {
        guard let id = try await session.record(externalID: name) else { return .notFound }
        return .happened(acceptance(id))
    }

    private func acceptance(_ id: Int) -> Acceptance { Acceptance(reference: "\(model),\(id)", summary: summary) }

    var json: JSON {
        [
            "model": .string(model), "name": .string(name), "summary": .string(summary),
            "cells": .array(cells.map { [.string($0.field), .string($0.value)] }),
        ]
    }

    init(model: String, name: String, cells: [(field: String, value: String)], summary: String) {
        self.model = model
        self.name = name
        self.cells = cells
        self.summary = summary
    }

    /// Reads what ``json`` wrote.
    init(json: JSON) throws(OdooError) {
        guard let model = json["model"]?.string, let name = json["name"]?.string, let summary = json["summary"]?.string,
            let cells = json["cells"]?.array
        else { throw .unreadable(json) }
        var read: [(field: String, value: String)] = []
        for cell in cells {
            guard let field = cell[0]?.string, let value = cell[1]?.string else { throw .unreadable(json) }
            read.append((field, value))
        }
        self.init(model: model, name: name, cells: read, summary: summary)
    }
}
