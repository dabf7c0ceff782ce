export { choreographed, choreography, orderStyle, type OrderStyle } from './choreography.ts';
export * as fields from './fields.ts';
export type {
  CancellationReason,
  Money,
  OrderLine,
  PaymentMethod,
  PricedLine,
  ReturnReason,
  ShippingAddress,
} from './fields.ts';
export { inventoryCommands, inventoryEvents, productEvents } from './inventory.ts';
export type {
  CommitReservation,
  InventoryReserved,
  ProductDefined,
  ProductPriceChanged,
  ReceiveReturn,
  ReleaseInventory,
  ReserveInventory,
  RestockReturn,
  SendBackReturn,
} from './inventory.ts';
export { notificationCommands, notificationEvents, notificationKind } from './notification.ts';
export type { NotificationKind, SendOrderMail } from './notification.ts';
export { orderCommands, orderEvents } from './order.ts';
export type {
  AnnounceReturn,
  CancelOrder,
  CloseReturn,
  CompleteOrder,
  CompleteReturn,
  OrderCompleted,
  OrderCreated,
  OrderEvent,
  OrderFailed,
  ReturnRequested,
} from './order.ts';
export { accountEvents, paymentCommands, paymentEvents } from './payment.ts';
export type {
  PaymentDetails,
  PaymentProcessed,
  ProcessPayment,
  RefundPayment,
  RefundReturn,
  ReverseReturnRefund,
} from './payment.ts';
export { shippingCommands, shippingEvents } from './shipping.ts';
export type {
  CancelShipment,
  MakeReturnLabel,
  ScheduleShipment,
  ShippingDetails,
  VoidReturnLabel,
} from './shipping.ts';
export { eventsOfOrders, messageNames, messageTypes, topics } from './topics.ts';
