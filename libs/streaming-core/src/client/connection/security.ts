import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { BaseOptions } from '@platformatic/kafka';

export const saslMechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

/**
 * The credentials of a client and the certificates that it trusts. Passwords and keys are not
 * readable properties, so an object that contains it can be logged or inspected. Without any
 * settings the connection is plain text, as on loopback.
 */
export interface ConnectionSecurity {
  /** TLS. The broker's certificate must be signed by a trusted authority and must name the host. */
  readonly tls?: SecureContext;
  readonly sasl?: {
    readonly mechanism: SaslMechanism;
    readonly username: string;
    readonly password: () => string;
  };
}

/** All in PEM. */
export interface TlsFiles {
  /** Whom to trust; absent: the authorities that Node.js brings. */
  readonly ca?: string;
  /** Of this client, for a broker that asks for it. */
  readonly cert?: string;
  readonly key?: string;
  readonly passphrase?: string;
}

/** Throws where certificate and key do not belong together, or one of them cannot be read. */
export const tlsContext = (files: TlsFiles): SecureContext =>
  createSecureContext({ ...files, minVersion: 'TLSv1.2' });

/**
 * The library's options. A host name is sent as the server's name (SNI), which shared addresses
 * need; TLS has none for an IP address.
 */
export function libraryOptionsOf(
  { tls, sasl }: ConnectionSecurity,
  bootstrapServers: readonly string[],
): Pick<BaseOptions, 'tls' | 'tlsServerName' | 'sasl'> {
  return {
    ...(tls && {
      tls: { secureContext: tls },
      tlsServerName: !bootstrapServers.some((server) => isIP(hostOf(server)) > 0),
    }),
    ...(sasl && { sasl: { ...sasl } }),
  };
}

const hostOf = (server: string): string => server.slice(0, server.lastIndexOf(':'));
