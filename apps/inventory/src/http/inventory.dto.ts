import { fields } from '@millrace/contracts';
import { pageOf, pageQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';

export const skuParam = fields.sku;
export const orderIdParam = fields.orderId;

export const defineProduct = z.strictObject({ name: z.string().min(1).max(200), price: fields.money });
export const receiveStock = z.strictObject({ quantity: fields.quantity });
export const listProducts = z.strictObject(pageQuery);

const units = z.number().int().min(0);
export const productView = z.object({
  sku: fields.sku,
  name: z.string(),
  price: fields.money,
  onHand: units,
  reserved: units,
  shipped: units,
});
export const reservationView = z.object({
  orderId: fields.orderId,
  status: z.enum(['reserved', 'failed', 'released', 'committed']),
  lines: z.array(fields.orderLine),
});
export const productPage = pageOf(productView);

export type DefineProductRequest = z.infer<typeof defineProduct>;
export type ReceiveStockRequest = z.infer<typeof receiveStock>;
export type ListProducts = z.infer<typeof listProducts>;
export type ProductView = z.infer<typeof productView>;
