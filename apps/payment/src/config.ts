import { personalDataConfig, serviceConfig, type ConfigOf } from '@millrace/service-chassis/config';

export const settings = { ...serviceConfig('payment', 3003), ...personalDataConfig };
export type PaymentConfig = ConfigOf<typeof settings>;
