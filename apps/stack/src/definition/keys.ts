import type { Listening } from './service-processes.ts';

/**
 * The PostgreSQL that keeps the keys of personal data. It is apart from the services' databases, so
 * that a backup of those holds no key.
 */
export type KeysDefinition = EmbeddedKeys | ExistingKeys;

/** A small cluster of the stack's own. */
interface EmbeddedKeys extends Listening {
  readonly engine: 'embedded';
}

/** A database elsewhere, which `KEYS_DATABASE_URL` names. */
interface ExistingKeys {
  readonly engine: 'existing';
  readonly url: string;
}

export const keysDatabaseName = 'millrace_keys';

/** A database by its URL, such as `postgres://user:password@host:5432/keys`. */
export const keysUrlPattern = /^postgres(ql)?:\/\/[^/\s]+\/[^/\s]+$/;

export const embeddedKeys = ({ port }: Pick<Listening, 'port'>): EmbeddedKeys => ({
  engine: 'embedded',
  port,
  label: 'keys',
  portSetting: 'KEYS_PORT',
});

/** Returns the given database of keys, or else the stack's own. `problems` gets no URL: it has a password. */
export function keysOf(own: KeysDefinition, given: string | undefined, problems: string[]): KeysDefinition {
  if (given === undefined) return own;
  if (keysUrlPattern.test(given)) return { engine: 'existing', url: given };
  problems.push('KEYS_DATABASE_URL must be postgres://USER:PASSWORD@HOST:PORT/DATABASE');
  return own;
}
