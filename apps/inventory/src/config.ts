import { serviceConfig, type ConfigOf } from '@millrace/service-chassis/config';

export const settings = serviceConfig('inventory', 3002);
export type InventoryConfig = ConfigOf<typeof settings>;
