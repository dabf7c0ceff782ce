import { describe, expect, it } from '@jest/globals';
import { RetriableConnectError } from '../plugin/connect-error.ts';
import { ConversionFailed, convertedAgain } from './record-errors.ts';

const unreachable = () =>
  new ConversionFailed('VALUE_CONVERTER', 'AvroConverter', new RetriableConnectError('no registry'));

/** Time passes as far as somebody waits. */
function jumpingClock() {
  let nowMs = 0;
  const now = () => nowMs;
  const after = (spanMs: number, work: () => void) => {
    nowMs += spanMs;
    const timer = setImmediate(work);
    return () => clearImmediate(timer);
  };
  return { now, monotonic: now, after };
}

describe('a conversion that failed for a reason that passes', () => {
  const again = (
    timeoutMs: number,
    convert: () => string,
    { failure = unreachable(), signal = new AbortController().signal } = {},
  ) => {
    const config = { 'errors.retry.timeout': String(timeoutMs), 'errors.retry.delay.max.ms': '1000' };
    return convertedAgain({ config, clock: jumpingClock() }, signal, failure, convert);
  };
  const succeedingAfter = (failures: number) => {
    let left = failures;
    return () => {
      if (left === 0) return 'converted';
      left -= 1;
      throw unreachable();
    };
  };

  it('is tried again for as long as errors.retry.timeout says', async () => {
    await expect(again(60_000, succeedingAfter(5))).resolves.toBe('converted');
    await expect(again(-1, succeedingAfter(500))).resolves.toBe('converted');
    await expect(again(2_000, succeedingAfter(5))).rejects.toThrow('no registry');
  });

  it('is not tried again without that setting, or after a failure that stays', async () => {
    await expect(again(0, succeedingAfter(0))).rejects.toThrow('no registry');
    const wrong = new ConversionFailed('VALUE_CONVERTER', 'JsonConverter', new Error('no JSON'));
    await expect(again(60_000, succeedingAfter(0), { failure: wrong })).rejects.toThrow('no JSON');
  });

  it('has not failed when the task is stopped meanwhile, so that its record is not left out', async () => {
    const stopping = new AbortController();
    const stopped = again(
      -1,
      () => {
        stopping.abort(new Error('stopped'));
        throw unreachable();
      },
      { signal: stopping.signal },
    );
    await expect(stopped).rejects.toThrow('stopped');
    await expect(stopped).rejects.not.toBeInstanceOf(ConversionFailed);
  });
});
