/** The private stream of one order's shipment. */
export const shipmentStream = (orderId: string): string => `shipment-${orderId}`;
