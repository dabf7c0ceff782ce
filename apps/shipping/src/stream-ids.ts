/** The private stream of the label for one order's return. */
export const returnLabelStream = (orderId: string): string => `return-label-${orderId}`;

/** The private stream of one order's shipment. */
export const shipmentStream = (orderId: string): string => `shipment-${orderId}`;
