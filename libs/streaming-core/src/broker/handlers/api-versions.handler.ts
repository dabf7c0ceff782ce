import { apiVersions } from '../../protocol/apis/api-versions.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { featureFields, type BrokerFeature } from '../broker-features.ts';
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
