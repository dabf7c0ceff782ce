import {
  personalDataConfig,
  serviceConfig,
  setting,
  wholeNumber,
  type ConfigOf,
} from '@millrace/service-chassis/config';

export const settings = {
  ...serviceConfig('shipping', 3004),
  ...personalDataConfig,
  deliveryMs: setting('SHIPPING_DELIVERY_MS', wholeNumber({ min: 0, max: 8_000, byDefault: 300 }), {
    example: '300',
    meaning: 'How long the simulated carrier takes to deliver a parcel, at most 8000.',
  }),
};
export type ShippingConfig = ConfigOf<typeof settings>;
