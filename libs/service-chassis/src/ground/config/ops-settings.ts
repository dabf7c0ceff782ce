import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { ConfigError } from './read-config.ts';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';

/** Visible ASCII characters, since the token is sent in a header. */
export const token = z
  .string()
  .regex(/^[\x21-\x7e]{16,512}$/, 'must have 16 to 512 visible ASCII characters');

/** Reads the file when the settings are read. The value is the text of the file. */
export const tokenInFile = z
  .string()
  .transform((file, context) => {
    try {
      return readFileSync(file, 'utf8').trim();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      context.addIssue({ code: 'custom', message: `names a file that cannot be read (${code})` });
      return z.NEVER;
    }
  })
  .pipe(token);

const hostByDefault = '127.0.0.1';

/** The address and the token of the operator API, which is never on the public port. */
export const opsSettings = {
  opsPort: setting('OPS_PORT', wholeNumber({ min: 0, max: 65_535, byDefault: 0 }), {
    example: '3901',
    meaning:
      'The port of the operator API. 0 takes any free port, which the log line `listening` names. ' +
      '`npm start` sets the port of the service + 900.',
  }),
  opsHost: setting('OPS_HOST', z.string().max(255).default(hostByDefault), {
    example: hostByDefault,
    meaning: 'The address of the operator API. Anything but a loopback address needs `OPS_TOKEN`.',
  }),
  opsToken: setting('OPS_TOKEN', token.optional(), {
    example: 'a-long-random-text',
    meaning:
      'The token that requests to the operator API must carry (`Authorization: Bearer TOKEN`), 16 to ' +
      '512 characters. Without it, only requests to a loopback address are answered.',
  }),
  opsTokenInFile: setting('OPS_TOKEN_FILE', tokenInFile.optional(), {
    example: '/run/secrets/ops-token',
    meaning: 'A file that has the token, instead of `OPS_TOKEN`. It is read at the start.',
  }),
  opsAccess: { readTogether: refuseOpenAccess('OPS') },
} satisfies Settings;

export type OpsConfig = ConfigOf<typeof opsSettings>;

/**
 * Throws a `ConfigError` if what listens on `PREFIX_HOST` could be reached from elsewhere without a
 * token, or if it has two.
 */
export function refuseOpenAccess(prefix: string): (environment: NodeJS.ProcessEnv) => undefined {
  return (environment) => {
    const given = (name: string) => environment[`${prefix}_${name}`]?.trim() || undefined;
    const tokens = [given('TOKEN'), given('TOKEN_FILE')].filter((text) => text !== undefined);
    if (tokens.length === 2)
      throw new ConfigError([
        `${prefix}_TOKEN: is given, and ${prefix}_TOKEN_FILE too: set only one of them`,
      ]);
    if (tokens.length === 1 || isLoopback(given('HOST') ?? hostByDefault)) return undefined;
    throw new ConfigError([
      `${prefix}_TOKEN: is missing, and ${prefix}_HOST is not a loopback address: set a token, or leave ` +
        `${prefix}_HOST at ${hostByDefault} (example: ${prefix}_TOKEN=a-long-random-text)`,
    ]);
  };
}

/** True for 127.0.0.0/8, ::1 and `localhost`. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
