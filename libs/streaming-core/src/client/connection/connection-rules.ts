import {
  functionOf,
  listOf,
  must,
  named,
  numberFrom,
  objectOf,
  oneOfTexts,
  optional,
  optionsOf,
  span,
  text,
  type Rule,
  type Rules,
} from '../given/rules.ts';
import { saslMechanisms } from './security.ts';

const server = must(
  (value) => typeof value === 'string' && /^(\[[^\]\s]+\]|[^\s:]+):\d{1,5}$/.test(value),
  'host:port',
);

const methods = (names: readonly string[]): Rules =>
  Object.fromEntries(names.map((name) => [name, functionOf('a function')]));

/** Leaves the value out of the error, because it may be the secret itself. */
const secretFunction =
  (of: string): Rule =>
  (value, name) =>
    typeof value === 'function'
      ? undefined
      : `${name} has type ${typeof value}: give a function that returns ${of}, so that no log shows it`;

const login: Rule = (value, name) => {
  const { mechanism } = (value ?? {}) as { readonly mechanism?: unknown };
  return optionsOf(
    {
      mechanism: oneOfTexts(saslMechanisms),
      ...(mechanism === 'OAUTHBEARER'
        ? { token: secretFunction('a token') }
        : { username: named('the name of the user'), password: secretFunction('the password') }),
    },
    'an object with mechanism, username and password',
  )(value, name);
};

const secureContext = must(
  (value) => typeof value === 'object' && value !== null && 'context' in value,
  'a secure context, which readConnectionSecurity or createSecureContext of node:tls returns',
);

/** The rules of `ConnectionOptions`. */
export const connectionRules: Rules = {
  bootstrapServers: listOf(server, "host:port, such as ['127.0.0.1:9092']", 'at least one host:port'),
  clientId: text,
  logger: optional(
    objectOf(methods(['debug', 'info', 'warn', 'error']), 'a logger, such as console or one of pino'),
  ),
  security: optional(
    optionsOf(
      { tls: optional(secureContext), sasl: optional(login) },
      'an object with tls and sasl, which readConnectionSecurity(process.env) returns',
    ),
  ),
  clock: optional(objectOf(methods(['now', 'monotonic', 'after']), 'a clock')),
  random: optional(functionOf('a function that returns numbers from 0 to 1')),
  connectTimeoutMs: optional(span),
  requestTimeoutMs: optional(span),
  metadataTimeoutMs: optional(span),
  retryDelayMsMin: optional(span),
  retryDelayMsMax: optional(span),
  responseBytesMax: optional(numberFrom(1)),
};
