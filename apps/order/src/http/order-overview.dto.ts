import { fields } from '@millrace/contracts';
import { pageOf, pageQuery, waitQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { status } from './order.dto.ts';

export const overviewView = z.object({
  orderId: fields.orderId,
  customerId: fields.customerId,
  status,
  reason: fields.reason.optional(),
  total: fields.money,
  reservation: z.enum(['reserved', 'failed', 'released', 'committed']).optional(),
  payment: z.enum(['processed', 'failed', 'refunded']).optional(),
  shipment: z.enum(['scheduled', 'failed', 'cancelled', 'dispatched', 'delivered']).optional(),
  mail: z.string().optional().describe('The kind of the last mail that was sent'),
  version: z
    .number()
    .int()
    .min(0)
    .describe('Of the order; 0 where its events are from before versions were told'),
  placedAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export const listOverviews = z
  .strictObject({
    ...pageQuery,
    customerId: fields.customerId.optional(),
    status: status.optional(),
    ...waitQuery,
    order: fields.orderId.optional().describe('Whose version `wait` means'),
  })
  .refine(({ wait, order }) => (wait === undefined) === (order === undefined), {
    message: 'wait needs order, and order needs wait: the id and the version that a POST answered',
    path: ['wait'],
  });
export const overviewWait = z.strictObject(waitQuery);
export const overviewPage = pageOf(overviewView);

export type OverviewView = z.infer<typeof overviewView>;
export type ListOverviews = z.infer<typeof listOverviews>;
