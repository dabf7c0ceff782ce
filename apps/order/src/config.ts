import { serviceConfig, type ConfigOf } from '@millrace/service-chassis';

export const settings = serviceConfig('order', 3001);
export type OrderConfig = ConfigOf<typeof settings>;
