# Pieces made for an order: the order's own quantity grows by them.
{
  order: .subject,
  quantity: .data.quantity,
  time: .time
}
