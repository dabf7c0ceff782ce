import { streamAppConfig, type ConfigOf } from '@millrace/service-chassis/config';

export const settings = streamAppConfig('analytics', 3043);
export type AnalyticsConfig = ConfigOf<typeof settings>;
