import { fields } from '@millrace/contracts';
import { pageOf, pageQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { product } from '../projections/product.projection.ts';

export const skuParam = fields.sku;
export const orderIdParam = fields.orderId;

export const defineProduct = z.strictObject({ name: z.string().min(1).max(200), price: fields.money });
export const receiveStock = z.strictObject({ quantity: fields.quantity });
export const listProducts = z.strictObject(pageQuery);

export const productView = product.view;
export const productPage = pageOf(productView);

export type DefineProductRequest = z.infer<typeof defineProduct>;
export type ReceiveStockRequest = z.infer<typeof receiveStock>;
export type ListProducts = z.infer<typeof listProducts>;
export type ProductView = z.infer<typeof productView>;
