import { fulfillment } from './fulfillment.saga.ts';

/**
 * Every version that a running saga may still use. A version stays here until its last saga has
 * ended. New orders start with the newest version.
 */
export const fulfillmentVersions = [fulfillment];
