import { createSecureContext, type SecureContext } from 'node:tls';
import type { SaslLogin } from './sasl/sasl-login.ts';

export type SaslMechanism = SaslLogin['mechanism'];
export const saslMechanisms: readonly SaslMechanism[] = [
  'PLAIN',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'OAUTHBEARER',
];

/**
 * The credentials of a client and the certificates that it trusts. Passwords and keys are not
 * readable properties, so this object can be logged or inspected. Without any settings the
 * connection is plain text, as on loopback.
 */
export interface ConnectionSecurity {
  /** TLS. The broker's certificate must be signed by a trusted authority and must name the host. */
  readonly tls?: SecureContext;
  readonly sasl?: SaslLogin;
}

/** The contents of TLS files in PEM format. */
export interface TlsFiles {
  /** The authorities to trust. The default is those that come with Node.js. */
  readonly ca?: string;
  /** The certificate of this client, for a broker that requires one. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** Throws if the certificate and the key do not match, or if one of them cannot be read. */
export const tlsContext = (files: TlsFiles): SecureContext =>
  createSecureContext({ ...files, minVersion: 'TLSv1.2' });
