import {
  sagaConfig,
  serviceConfig,
  setting,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/service';

export const settings = {
  ...serviceConfig('shipping', 3004),
  /** The simulated carrier is too slow for the saga at one postcode, so it has to know how long the saga waits. */
  ...sagaConfig,
  /** How long the simulated carrier takes from dispatch to delivery. */
  deliveryMs: setting('SHIPPING_DELIVERY_MS', wholeNumber({ min: 0, max: 8_000, byDefault: 300 }), {
    example: '300',
  }),
};
export type ShippingConfig = ConfigOf<typeof settings>;
