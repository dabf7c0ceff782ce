import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { producerPresets, producerSettings, type ProducerOptions } from './producer-settings.ts';

const settingsOf = (options: Partial<ProducerOptions>) =>
  producerSettings({ bootstrapServers: ['127.0.0.1:1'], clientId: 'c', logger: silentLogger, ...options });

describe('the settings of a producer', () => {
  it('are safe by default', () => {
    expect(settingsOf({})).toMatchObject({ acks: 'all', idempotence: true, maxInFlight: 5, lingerMs: 0 });
  });

  it('have no idempotence with fewer acknowledgements, unless they ask for it', () => {
    expect(settingsOf({ acks: 1 }).idempotence).toBe(false);
    expect(settingsOf({ acks: 0 }).idempotence).toBe(false);
  });

  it.each<[Partial<ProducerOptions>, string]>([
    [{ acks: 1, idempotence: true }, 'acks is 1: set acks to'],
    [{ acks: 0, idempotence: true }, 'acks is 0: set acks to'],
    [{ acks: 2 as 1 }, 'acks is 2'],
    [{ maxInFlight: 0 }, 'maxInFlight is 0'],
    [{ maxInFlight: 6 }, 'maxInFlight is 6'],
    [{ lingerMs: -1 }, 'lingerMs is -1'],
    [{ retries: Number.NaN }, 'retries is NaN'],
    [{ batchBytesMax: 0 }, 'batchBytesMax is 0'],
  ])('L41 refuse %j and name the setting', (options, message) => {
    expect(() => settingsOf(options)).toThrow(
      expect.objectContaining({ code: 'settings_refused', message: expect.stringContaining(message) }),
    );
  });

  it.each(Object.entries(producerPresets))('can be those of the preset %s', (_name, preset) => {
    expect(settingsOf(preset)).toMatchObject(preset);
  });
});
