import { apiVersions } from '../../protocol/apis/api-versions.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { servedApis } from '../../protocol/served-apis.ts';
import { serve } from '../served-api.ts';

const softwareText = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

const apiKeys = servedApis.map(({ key, advertised }) => ({ apiKey: key, minVersion: advertised.min, maxVersion: advertised.max }));

/** ApiVersions: exactly what is served, no features (protocol notes 2.6). */
export const apiVersionsHandler = () =>
  serve(apiVersions, (request, { apiVersion }) => {
    const named = [request.clientSoftwareName, request.clientSoftwareVersion];
    if (apiVersion >= 3 && !named.every((text) => softwareText.test(text))) return { errorCode: errorCodes.INVALID_REQUEST, apiKeys: [] };
    return { errorCode: errorCodes.NONE, apiKeys };
  });
