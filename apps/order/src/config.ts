import {
  personalDataConfig,
  readModelConfig,
  sagaConfig,
  sagaStartVersions,
  serviceConfig,
  type ConfigOf,
} from '@millrace/service-chassis/config';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';

/** The settings of a release that has these versions of its sagas. */
export const settingsWith = (sagas: Parameters<typeof sagaStartVersions>[0]) => ({
  ...serviceConfig('order', 3001),
  ...sagaConfig,
  ...sagaStartVersions(sagas),
  ...readModelConfig('order'),
  ...personalDataConfig,
});

export const settings = settingsWith(fulfillmentVersions);
export type OrderConfig = ConfigOf<typeof settings>;
