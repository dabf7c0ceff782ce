import { describe, expect, it } from '@jest/globals';
import { lockedPackages } from './locked-packages.ts';

const packages = {
  'libs/shelf': { version: '1.0.0' },
  'node_modules/pg': {
    version: '8.0.0',
    integrity: 'sha512-pg',
    dependencies: { split: '^1.0.0', types: '^2.0.0' },
    peerDependencies: { native: '^3.0.0' },
  },
  'node_modules/types': { version: '1.0.0', integrity: 'sha512-types-1' },
  'node_modules/pg/node_modules/types': {
    version: '2.0.0',
    integrity: 'sha512-types-2',
    dependencies: { split: '^1.0.0' },
  },
  'node_modules/split': { version: '1.0.0', integrity: 'sha512-split', dependencies: { pg: '^8.0.0' } },
  'node_modules/commander': { version: '15.0.0', integrity: 'sha512-commander' },
};

describe('the locked packages of a test', () => {
  it('are those that it imports and all that they need, in the version that Node would load', () => {
    expect(lockedPackages(packages, ['pg'])).toEqual([
      'node_modules/pg 8.0.0 sha512-pg',
      'node_modules/pg/node_modules/types 2.0.0 sha512-types-2',
      'node_modules/split 1.0.0 sha512-split',
    ]);
  });

  it('include a package only if something needs it', () => {
    expect(lockedPackages(packages, ['types', 'commander'])).toEqual([
      'node_modules/commander 15.0.0 sha512-commander',
      'node_modules/types 1.0.0 sha512-types-1',
    ]);
  });

  it('cannot be named for a package that is not installed', () => {
    expect(() => lockedPackages(packages, ['left-pad'])).toThrow('has no package left-pad');
  });
});
