import type { Mutant } from './mutant.ts';

const connection = 'libs/streaming-core/src/client/connection';
const sasl = `${connection}/sasl`;

/** Faults in the way a client connects to the broker. */
export const connectionMutants: readonly Mutant[] = [
  {
    name: 'connection watches only its first request',
    why: 'a broker that hangs later holds requests up forever',
    file: `${connection}/late-requests.ts`,
    replace: 'this.watch(this.#onDue(this.#clock.monotonic()));',
    by: 'this.#onDue(this.#clock.monotonic());',
    test: {
      file: `${connection}/broker-connection.spec.ts`,
      name: 'notices with one timer which of many requests is late',
    },
  },
  {
    name: 'SCRAM signature of the broker not compared',
    why: 'a client talks to a broker that does not know its password',
    file: `${sasl}/scram.ts`,
    replace:
      'if (signature.length !== expectedSignature?.length || !timingSafeEqual(signature, expectedSignature))',
    by: 'if (signature.length === 0)',
    test: { file: `${sasl}/scram.spec.ts`, name: 'fails on %s in answer to its proof' },
  },
  {
    name: 'SCRAM nonce of the broker not compared',
    why: 'an attacker can repeat the answers of an earlier authentication',
    file: `${sasl}/scram-messages.ts`,
    replace: '!nonce.startsWith(clientNonce) || ',
    by: '',
    test: { file: `${sasl}/scram.spec.ts`, name: 'fails on %s in answer to its first message' },
  },
  {
    name: 'SASL exchange continues after a failure',
    why: 'a failed authentication can end as a complete one',
    file: `${sasl}/sasl-exchange.ts`,
    replace: '      left = [];\n',
    by: '',
    test: {
      file: `${sasl}/scram.spec.ts`,
      name: 'stays over after a failure, even if the right answer follows',
    },
  },
  {
    name: 'token kept for its whole lifetime',
    why: 'a connection authenticates with a token that expires on the way',
    file: `${sasl}/token-request.ts`,
    replace: ' * lifetimeUsed }',
    by: ' }',
    test: {
      file: `${sasl}/token-source.spec.ts`,
      name: 'keeps a token until 80 % of its lifetime has passed, and no longer',
    },
  },
  {
    name: 'token requested by each connection',
    why: 'a restart of many connections floods the token endpoint',
    file: `${sasl}/token-request.ts`,
    replace: 'pending ??= renew()',
    by: 'pending = renew()',
    test: { file: `${sasl}/token-source.spec.ts`, name: 'shares one request between its callers' },
  },
  {
    name: 'redirect of the token endpoint followed',
    why: 'the token comes from a server that no setting names',
    file: `${sasl}/token-request.ts`,
    replace: "redirect: 'manual'",
    by: "redirect: 'follow'",
    test: { file: `${sasl}/token-source.spec.ts`, name: 'follows no redirect, and names the setting' },
  },
  {
    name: 'token endpoint without TLS accepted',
    why: 'the secret of the client crosses the network in plain text',
    file: `${connection}/sasl-settings.ts`,
    replace: "(url.protocol === 'http:' && isLoopback(url.hostname))",
    by: "url.protocol === 'http:'",
    test: {
      file: `${connection}/security-settings.spec.ts`,
      name: 'reject the token endpoint %s without quoting it',
    },
  },
  {
    name: 'silence of a broker noticed on one lane only',
    why: 'a member whose network was cut waits half a minute on each of its other connections',
    file: `${connection}/broker-pool.ts`,
    replace: 'this.#retire((broker) => broker === silent);',
    by: '',
    test: {
      file: `${connection}/broker-pool.spec.ts`,
      name: 'are replaced on every lane before that request fails',
    },
  },
  {
    name: 'other connections replaced after the failed request is reported',
    why: 'the next request of the caller still goes to a connection that may be dead',
    file: `${connection}/broker-connection.ts`,
    replace: '    this.#onSilence();\n    this.#end(reason);',
    by: '    this.#end(reason);\n    setImmediate(() => this.#onSilence());',
    test: {
      file: `${connection}/broker-pool.spec.ts`,
      name: 'are replaced on every lane before that request fails',
    },
  },
  {
    name: 'pending requests of replaced connections survive the client',
    why: 'a client that was closed keeps the process alive',
    file: `${connection}/broker-pool.ts`,
    replace: 'for (const [connection, name] of this.#retiring) if (isSelected(name)) connection.close();',
    by: '',
    test: {
      file: `${connection}/broker-pool.spec.ts`,
      name: 'finish their pending requests, unless the client closes',
    },
  },
  {
    name: 'database connection without a time limit for answers',
    why: 'a statement on a connection that the network has cut waits a quarter of an hour',
    file: 'libs/service-chassis/src/database/data-source.ts',
    replace: '      query_timeout: answerTimeoutMs,\n',
    by: '',
    test: {
      file: 'libs/service-chassis/src/database/service-database.int.spec.ts',
      name: 'gives up a connection that does not answer',
    },
  },
  {
    name: 'time limit for answers of statements that may take long',
    why: 'a large default partition never gets its days, because each attempt is given up',
    file: 'libs/streaming-core/src/postgres/pg-database.ts',
    replace: '    ...(longStatements.has(text) && { query_timeout: noTimeoutMs }),\n',
    by: '',
    test: {
      file: 'libs/service-chassis/src/database/service-database.int.spec.ts',
      name: 'waits for a statement that may take long',
    },
  },
];
