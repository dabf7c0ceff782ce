import { readModelConfig, sagaConfig, serviceConfig, type ConfigOf } from '@millrace/service-chassis/config';

export const settings = { ...serviceConfig('order', 3001), ...sagaConfig, ...readModelConfig('order') };
export type OrderConfig = ConfigOf<typeof settings>;
