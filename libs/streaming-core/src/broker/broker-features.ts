/**
 * A feature in ApiVersions (KIP-584): the levels that this broker supports, and the finalized one.
 */
export interface BrokerFeature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly finalized: number;
}

/**
 * The features that this broker finalizes. Clients act on `transaction.version` only: from level 2
 * they use the protocol of KIP-890.
 */
export const brokerFeatures: readonly BrokerFeature[] = [
  { name: 'transaction.version', min: 0, max: 2, finalized: 2 },
];

/** The epoch would grow with each change of a finalized level. Ours only change with a release. */
const finalizedEpoch = 1n;
/**
 * Older clients reject a feature with a lowest level of 0. Only v4 clients accept it (KAFKA-17011).
 */
const levelZeroSince = 4;

/** Returns the feature fields of an ApiVersions response. */
export function featureFields(features: readonly BrokerFeature[], apiVersion: number) {
  if (features.length === 0) return {};
  const told = features.filter(({ min }) => min > 0 || apiVersion >= levelZeroSince);
  return {
    supportedFeatures: told.map(({ name, min, max }) => ({ name, minVersion: min, maxVersion: max })),
    finalizedFeaturesEpoch: finalizedEpoch,
    finalizedFeatures: features.map(({ name, finalized }) => ({
      name,
      maxVersionLevel: finalized,
      minVersionLevel: finalized,
    })),
  };
}
