import { describe, expect, it } from '@jest/globals';
import { featureFields } from './handlers/cluster.handlers.ts';

const transactions = { name: 'transaction.version', min: 0, max: 2, finalized: 2 };
const metadata = { name: 'metadata.version', min: 7, max: 30, finalized: 30 };

describe('the features in an ApiVersions response', () => {
  it('are absent if the broker has none', () => {
    expect(featureFields([], 4)).toEqual({});
  });

  it('name every finalized level, and in v4 every supported range', () => {
    expect(featureFields([transactions, metadata], 4)).toEqual({
      supportedFeatures: [
        { name: 'transaction.version', minVersion: 0, maxVersion: 2 },
        { name: 'metadata.version', minVersion: 7, maxVersion: 30 },
      ],
      finalizedFeaturesEpoch: 1n,
      finalizedFeatures: [
        { name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 },
        { name: 'metadata.version', maxVersionLevel: 30, minVersionLevel: 30 },
      ],
    });
  });

  it('hide a range that begins at 0 from v3 clients, which would reject it, but not the finalized level', () => {
    const { supportedFeatures, finalizedFeatures } = featureFields([transactions, metadata], 3);
    expect(supportedFeatures?.map(({ name }) => name)).toEqual(['metadata.version']);
    expect(finalizedFeatures?.map(({ name }) => name)).toEqual(['transaction.version', 'metadata.version']);
  });
});
