import {
  personalDataConfig,
  readModelConfig,
  sagaConfig,
  sagaStartVersions,
  serviceConfig,
  setting,
  wholeNumber,
  type ConfigOf,
  type Setting,
} from '@millrace/service-chassis/config';
import { choreographyConfig } from './choreography/config.ts';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';
import { returnSagaVersion } from './returns/return.saga.ts';

const daysMax = 365 * 86_400_000;
export const returnConfig = {
  returnApprovalMs: setting(
    'RETURN_APPROVAL_MS',
    wholeNumber({ min: 100, max: daysMax, byDefault: 3 * 86_400_000 }),
    {
      meaning:
        'How long a return whose refund is above the limit waits for its approval before it is closed.',
    },
  ),
  returnParcelMs: setting(
    'RETURN_PARCEL_MS',
    wholeNumber({ min: 100, max: daysMax, byDefault: 14 * 86_400_000 }),
    { meaning: 'How long a return waits for its parcel before it is closed and its label is voided.' },
  ),
  returnInspectionMs: setting(
    'RETURN_INSPECTION_MS',
    wholeNumber({ min: 1, max: daysMax, byDefault: 1_000 }),
    { meaning: 'How long the units of a completed return rest before they are for sale again.' },
  ),
} satisfies Record<string, Setting>;

/** The settings of a release that has these versions of its sagas. */
export const settingsWith = (sagas: Parameters<typeof sagaStartVersions>[0]) => ({
  ...serviceConfig('order', 3001),
  ...sagaConfig,
  ...sagaStartVersions([...sagas, returnSagaVersion]),
  ...returnConfig,
  ...choreographyConfig,
  ...readModelConfig('order'),
  ...personalDataConfig,
});

export const settings = settingsWith(fulfillmentVersions);
export type OrderConfig = ConfigOf<typeof settings>;
