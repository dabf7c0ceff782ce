import { describe, expect, it } from '@jest/globals';
import { readConfig } from './read-config.ts';
import { sagaStartVersions } from './module-config.ts';

const settings = sagaStartVersions([
  { name: 'fulfillment', version: 1 },
  { name: 'fulfillment', version: 2 },
  { name: 'returns', version: 7 },
]);
const read = (value: string) => readConfig(settings, { SAGA_START_VERSIONS: value }).startVersions;

describe('S13 the setting of the versions that sagas start with', () => {
  it('accepts one or more versions, each under the name of its saga', () => {
    expect(read('')).toEqual({});
    expect(read('fulfillment=1')).toEqual({ fulfillment: 1 });
    expect(read('fulfillment=2, returns=7')).toEqual({ fulfillment: 2, returns: 7 });
  });

  it.each([
    ['fulfillment', 'must be SAGA=VERSION, up to 100 of them separated by commas'],
    ['fulfillment=0', 'must be SAGA=VERSION'],
    ['fulfillment=1;returns=7', 'must be SAGA=VERSION'],
    ['fulfillment=1,', 'must be SAGA=VERSION'],
    ['constructor=1', 'must name sagas of this service only: fulfillment, returns'],
    ['fulfillment=1,fulfillment=2', 'must name fulfillment once'],
    [
      'fulfillment=3',
      'must give fulfillment a version that this release has (1, 2); for any other, deploy a release that has it first',
    ],
    [
      'returns=7,secret=1,fulfillment=9',
      'must name sagas of this service only: fulfillment, returns; must give',
    ],
  ])('rejects %s with the remedy and without the value', (value, problem) => {
    expect(() => read(value)).toThrow(`SAGA_START_VERSIONS: ${problem}`);
    expect(() => read(value)).not.toThrow(/secret|constructor|=9/);
  });
});
