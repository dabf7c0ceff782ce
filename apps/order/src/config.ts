import { sagaConfig, serviceConfig, type ConfigOf } from '@millrace/service-chassis';

export const settings = { ...serviceConfig('order', 3001), ...sagaConfig };
export type OrderConfig = ConfigOf<typeof settings>;
