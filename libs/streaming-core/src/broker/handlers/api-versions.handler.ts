import { apiVersions } from '../../protocol/apis/api-versions.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { serve, type ServedApi } from '../served-api.ts';

const softwareText = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** ApiVersions: lists the APIs that `others` serve and itself, by key, and the features. */
export function apiVersionsHandler(
  others: readonly ServedApi[],
  features: readonly BrokerFeature[],
): ServedApi {
  const handler: ServedApi = serve(apiVersions, (request, { apiVersion }) => {
    const named = [request.clientSoftwareName, request.clientSoftwareVersion];
    if (apiVersion >= 3 && !named.every((text) => softwareText.test(text)))
      return { errorCode: errorCodes.INVALID_REQUEST, apiKeys: [] };
    return { errorCode: errorCodes.NONE, apiKeys, ...featureFields(features, apiVersion) };
  });
  const apiKeys = [...others, handler].sort((a, b) => a.api.key - b.api.key).map(advertise);
  return handler;
}

/**
 * The advertised minimum applies only if the handler serves the lowest version of the layout. A
 * handler without the low versions announces its own minimum.
 */
const advertise = ({ api, versions }: ServedApi) => ({
  apiKey: api.key,
  minVersion: versions.min === api.versions.min ? api.advertisedMin : versions.min,
  maxVersion: versions.max,
});

/**
 * A feature in ApiVersions (KIP-584): the levels that this broker supports, and the finalized one.
 */
interface BrokerFeature {
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
