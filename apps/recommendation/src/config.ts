import { streamAppConfig, type ConfigOf } from '@millrace/service-chassis/config';

export const settings = streamAppConfig('recommendation', 3044);
export type RecommendationConfig = ConfigOf<typeof settings>;
