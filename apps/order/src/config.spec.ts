import { describe, expect, it } from '@jest/globals';
import { defaultSagaSettings } from '@millrace/saga';
import { ConfigError, readConfig } from '@millrace/service-chassis/service';
import { referenceSection, settingEntries } from '@millrace/testing/reference-page';
import { returnConfig, settings } from './config.ts';
import { fulfillmentVersions } from './fulfillment/fulfillment.saga.ts';

const versions = fulfillmentVersions.map(({ version }) => version);
const nextVersion = Math.max(...versions) + 1;

const enough = {
  ORDER_DATABASE_URL: 'postgres://millrace:secret@127.0.0.1:5432/order',
  KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9092',
  KEYS_DATABASE_URL: 'postgres://millrace:secret@127.0.0.1:5433/keys',
};

describe('the settings of the order service', () => {
  it('default to a step timeout of 30 s and two re-sends, like the saga engine', () => {
    const { stepTimeoutMs, stepResends } = readConfig(settings, enough);

    expect(stepTimeoutMs).toEqual(30_000);
    expect(stepResends).toEqual(2);
    expect(stepTimeoutMs).toEqual(defaultSagaSettings.stepTimeoutMs);
    expect(stepResends).toEqual(defaultSagaSettings.resendsMax);
  });

  it('accept another timeout, and no re-sends at all', () => {
    expect(
      readConfig(settings, { ...enough, SAGA_STEP_TIMEOUT_MS: '2000', SAGA_STEP_RESENDS: '0' }),
    ).toMatchObject({
      stepTimeoutMs: 2_000,
      stepResends: 0,
    });
  });

  it('S13 make new orders start with the newest version of the saga, or with the version that they name', () => {
    expect(readConfig(settings, enough).startVersions).toEqual({});
    expect(readConfig(settings, { ...enough, SAGA_START_VERSIONS: 'fulfillment=1' }).startVersions).toEqual({
      fulfillment: 1,
    });
  });

  it('about returns are on the page of settings as they are declared', () => {
    const { onPage, inCode } = referenceSection('settings.md', 'Order', settingEntries(returnConfig));
    expect(onPage).toEqual(inCode);
  });

  it.each([
    [
      { SAGA_START_VERSIONS: 'fulfilment=1' },
      'SAGA_START_VERSIONS: must name sagas of this service only: fulfillment',
    ],
    [
      { SAGA_START_VERSIONS: `fulfillment=${nextVersion}` },
      `SAGA_START_VERSIONS: must give fulfillment a version that this release has (${versions.join(', ')}); ` +
        'for any other, deploy a release that has it first (example: SAGA_START_VERSIONS=fulfillment=1)',
    ],
    [{ SAGA_STEP_TIMEOUT_MS: '2s' }, 'SAGA_STEP_TIMEOUT_MS: must be a whole number'],
    [{ SAGA_STEP_TIMEOUT_MS: '99' }, 'SAGA_STEP_TIMEOUT_MS: must be at least 100'],
    [{ SAGA_STEP_RESENDS: '-1' }, 'SAGA_STEP_RESENDS: must be a whole number'],
    [{ SAGA_STEP_RESENDS: '101' }, 'SAGA_STEP_RESENDS: must be at most 100'],
  ])('reject %j', (wrong, problem) => {
    expect(() => readConfig(settings, { ...enough, ...wrong })).toThrow(ConfigError);
    expect(() => readConfig(settings, { ...enough, ...wrong })).toThrow(problem);
  });
});
