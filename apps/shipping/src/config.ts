import { serviceConfig, setting, type ConfigOf } from '@millrace/service-chassis';
import { z } from 'zod';

export const settings = {
  ...serviceConfig('shipping', 3004),
  /** How long the simulated carrier takes from dispatch to delivery. */
  deliveryMs: setting(
    'SHIPPING_DELIVERY_MS',
    z
      .string()
      .regex(/^\d{1,5}$/, 'must be a whole number')
      .transform(Number)
      .pipe(z.number().max(8_000, 'must be at most 8000'))
      .default(300),
    { example: '300' },
  ),
};
export type ShippingConfig = ConfigOf<typeof settings>;
