/** A feature that ApiVersions tells of (KIP-584): the levels that this broker knows, and the one that is in force. */
export interface BrokerFeature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly finalized: number;
}

/** What this broker finalizes. Clients act on `transaction.version` alone: from level 2 on they use KIP-890's protocol. */
export const brokerFeatures: readonly BrokerFeature[] = [
  { name: 'transaction.version', min: 0, max: 2, finalized: 2 },
];

/** The level in force counts up with each change; ours are fixed per release. */
const finalizedEpoch = 1n;
/** Older clients refuse a feature whose lowest level is 0; only v4 asks for it (KAFKA-17011). */
const levelZeroSince = 4;

/** The feature fields of an ApiVersions answer; without features there are none. */
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
