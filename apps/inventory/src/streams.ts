/** The private stream of one SKU. */
export const stockStream = (sku: string): string => `stock-${sku}`;

/** The private stream of what is held for one order. */
export const reservationStream = (orderId: string): string => `reservation-${orderId}`;
