import { fulfillment } from './fulfillment.saga.ts';

/** Each version that an order may be under way with: it stays until its last instance has ended. New orders start with the newest. */
export const fulfillmentVersions = [fulfillment];
