import { api, array, bool, int16, int32, int64, string, type Given, arrayOf, bytes } from '../schema.ts';

/**
 * SaslHandshake, key 17 (KIP-43). After v0 the tokens follow without a Kafka header, after v1 in
 * SaslAuthenticate requests (KIP-152). Never flexible.
 */
export const saslHandshake = api('SaslHandshake', 17, {
  versions: '0-1',
  flexible: 'none',
  request: { mechanism: string() },
  response: { errorCode: int16(), mechanisms: arrayOf(string()) },
});

/** SaslAuthenticate, key 36 (KIP-152). v1 session lifetime (KIP-368), v2 flexible. */
export const saslAuthenticate = api('SaslAuthenticate', 36, {
  versions: '0-2',
  flexible: '2+',
  request: { authBytes: bytes() },
  response: {
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    authBytes: bytes(),
    sessionLifetimeMs: int64({ versions: '1+', absent: 0n }),
  },
});

/**
 * ApiVersions, key 18. v3 flexible, with client software and features (KIP-511, KIP-584). Its
 * response header is always v0.
 */
export const apiVersions = api('ApiVersions', 18, {
  versions: '0-4',
  flexible: '3+',
  request: {
    clientSoftwareName: string({ versions: '3+', absent: '' }),
    clientSoftwareVersion: string({ versions: '3+', absent: '' }),
  },
  response: {
    errorCode: int16(),
    apiKeys: array({ apiKey: int16(), minVersion: int16(), maxVersion: int16() }),
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    supportedFeatures: array(
      { name: string(), minVersion: int16(), maxVersion: int16() },
      { versions: '3+', tag: 0 },
    ),
    finalizedFeaturesEpoch: int64({ versions: '3+', tag: 1, absent: -1n }),
    finalizedFeatures: array(
      { name: string(), maxVersionLevel: int16(), minVersionLevel: int16() },
      { versions: '3+', tag: 2 },
    ),
    zkMigrationReady: bool({ versions: '3+', tag: 3 }),
  },
});
export type ApiVersionsResponse = Given<(typeof apiVersions)['response']>;
