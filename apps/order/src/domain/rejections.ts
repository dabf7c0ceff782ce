export type OrderRejection = 'order_exists' | 'unknown_order' | 'order_not_cancellable';
