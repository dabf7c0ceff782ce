import type { Clock } from '../../runtime/index.ts';
import type { SaslLogin } from './sasl/sasl-login.ts';
import { tokenSource } from './sasl/token-request.ts';
import { saslMechanisms, type SaslMechanism } from './security.ts';
import { oneOf, refuse, type Given } from './options.ts';

const mechanismVariable = 'KAFKA_SASL_MECHANISM';
const endpointVariable = 'KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL';
const scopeVariable = 'KAFKA_SASL_OAUTHBEARER_SCOPE';

const passwordExamples = { KAFKA_SASL_USERNAME: 'millrace', KAFKA_SASL_PASSWORD: '...' } as const;
const tokenExamples = {
  [endpointVariable]: 'https://login.example.org/token',
  KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'millrace',
  KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET: '...',
} as const;

type PasswordVariable = keyof typeof passwordExamples;
type TokenVariable = keyof typeof tokenExamples;
export type SaslVariable = typeof mechanismVariable | typeof scopeVariable | PasswordVariable | TokenVariable;

const passwordVariables = Object.keys(passwordExamples) as PasswordVariable[];
const tokenVariables = Object.keys(tokenExamples) as TokenVariable[];

export const saslVariables: readonly SaslVariable[] = [
  mechanismVariable,
  ...passwordVariables,
  ...tokenVariables,
  scopeVariable,
];

/** Reads the credentials. The result is usable only if this has added nothing to `problems`. */
export function readSasl(given: Given, problems: string[], clock: Clock): SaslLogin | undefined {
  const mechanism = given(mechanismVariable)?.trim();
  const example = `(example: ${mechanismVariable}=SCRAM-SHA-512)`;
  if (mechanism === undefined) {
    problems.push(`${mechanismVariable}: is missing, and SASL needs it ${example}`);
    return undefined;
  }
  if (!isMechanism(mechanism)) {
    problems.push(`${mechanismVariable}: must be ${oneOf(saslMechanisms)} ${example}`);
    return undefined;
  }
  if (mechanism === 'OAUTHBEARER') {
    const instead = oneOf(saslMechanisms.filter((one) => one !== mechanism));
    refuse(passwordVariables, given, problems, { name: mechanismVariable, value: mechanism, instead });
    return readTokenLogin(given, problems, clock);
  }
  refuse([...tokenVariables, scopeVariable], given, problems, {
    name: mechanismVariable,
    value: mechanism,
    instead: 'OAUTHBEARER',
  });
  requireAll(passwordExamples, mechanism, given, problems);
  const password = given('KAFKA_SASL_PASSWORD') ?? '';
  return { mechanism, username: given('KAFKA_SASL_USERNAME')?.trim() ?? '', password: () => password };
}

function readTokenLogin(given: Given, problems: string[], clock: Clock): SaslLogin | undefined {
  requireAll(tokenExamples, 'OAUTHBEARER', given, problems);
  const text = given(endpointVariable)?.trim();
  const url = text === undefined ? undefined : readEndpoint(text, problems);
  if (url === undefined) return undefined;
  const clientSecret = given('KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET') ?? '';
  const endpoint = {
    url,
    clientId: given('KAFKA_SASL_OAUTHBEARER_CLIENT_ID')?.trim() ?? '',
    clientSecret: () => clientSecret,
    scope: given(scopeVariable)?.trim(),
  };
  return { mechanism: 'OAUTHBEARER', ...tokenSource(endpoint, clock) };
}

/** The problem never quotes the URL, which may contain credentials. */
function readEndpoint(text: string, problems: string[]): URL | undefined {
  const url = URL.parse(text);
  const fault = url === null ? 'must be a URL' : faultOf(url);
  if (url !== null && fault === undefined) return url;
  problems.push(
    `${endpointVariable}: ${fault} (example: ${endpointVariable}=${tokenExamples[endpointVariable]})`,
  );
}

function faultOf(url: URL): string | undefined {
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
  if (!isSafe) return 'must begin with https://, since it gets the secret; http:// is for loopback only';
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    return 'must have no user, password or fragment';
}

/** `URL` has already written every IPv4 address with four numbers. */
const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);

function requireAll(
  examples: Readonly<Record<string, string>>,
  mechanism: SaslMechanism,
  given: Given,
  problems: string[],
): void {
  for (const [name, example] of Object.entries(examples))
    if (given(name) === undefined)
      problems.push(`${name}: is missing, and ${mechanism} needs it (example: ${name}=${example})`);
}

const isMechanism = (text: string): text is SaslMechanism =>
  (saslMechanisms as readonly string[]).includes(text);
