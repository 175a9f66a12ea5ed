# One piece made for an order, or many: the order's own quantity grows by it.
{order: .subject, quantity: .data.quantity, time: .time}
