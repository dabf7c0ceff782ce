import { fields } from '@millrace/contracts';
import { pageOf, pageQuery, waitQuery } from '@millrace/service-chassis/http';
import { z } from 'zod';
import { orderOverview } from '../projections/order-overview.projection.ts';
import { orderStatus } from '../projections/order-summary.projection.ts';

export const listOverviews = z
  .strictObject({
    ...pageQuery,
    customerId: fields.customerId.optional(),
    status: orderStatus.optional(),
    ...waitQuery,
    order: fields.orderId.optional().describe('The order whose version `wait` refers to'),
  })
  .refine(({ wait, order }) => (wait === undefined) === (order === undefined), {
    message: 'wait and order must be given together: the version and the order id from the answer to a POST',
    path: ['wait'],
  });
export const overviewWait = z.strictObject(waitQuery);
export const overviewView = orderOverview.view;
export const overviewPage = pageOf(overviewView);

export type OverviewView = z.infer<typeof overviewView>;
export type ListOverviews = z.infer<typeof listOverviews>;
