{model: "sale.order", record: .data.order,
 person: lookup("responsible"; .data.customer),
 summary: "Confirm the delivery date",
 note: "\(.data.total) \(.data.currency)"}
