import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSecuredKafka, type SecuredKafka } from '@millrace/testing/kafka';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { endStacks, launchStack, leftBehind, newFolder, nothing, until } from './stack-process.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await newFolder();
});
afterEach(endStacks);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Enough time to create PostgreSQL's files and to start a Java program. */
const readyMsMax = 90_000;

async function refusal(
  data: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const stack = launchStack(data, args, settings);
  expect(await stack.ended).toBe(1);
  expect(stack.stderr()).toMatch(/^millrace: [^\n]+\n$/);
  return stack.stderr();
}

const outcomes = (json: string) =>
  (JSON.parse(json) as { readonly outcome: string }[]).map(({ outcome }) => outcome).sort();
const twelveSamples = [
  ...Array<string>(7).fill('cancelled'),
  ...Array<string>(3).fill('completed'),
  'return closed',
  'returned',
];

describe('npm start -- --kafka', () => {
  it('A08 ends every sample order as expected, exits with 0 and leaves nothing behind', async () => {
    const data = join(folder, 'kafka');
    const stack = launchStack(data, ['--kafka', '--once', '--json']);

    expect(await stack.ended).toBe(0);
    expect(outcomes(stack.stdout())).toEqual(twelveSamples);
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('A09 keeps the embedded broker off its data, and continues with them itself after its broker was killed or hung', async () => {
    const data = join(folder, 'kafka');
    const line = await refusal(data, ['--no-samples']);
    expect(line).toMatch(
      /database millrace_\w+ belongs to cluster \S+, and the log is cluster \S+: connect to .*without --kafka.*--fresh/,
    );

    const stack = launchStack(data, ['--kafka', '--no-samples', '--no-console'], {
      MILLRACE_UNANSWERED_MS_MAX: '5000',
    });
    await stack.ready(readyMsMax);
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const { broker } = stack.report().pids;
      process.kill(broker ?? 0, signal);
      await until(
        'the broker to be back',
        () => ![undefined, broker].includes(stack.report().pids.broker),
        90_000,
      );
    }
    await stack.says('has not answered for 5 s: it was stopped, or');
    stack.kill('SIGTERM');
    await stack.ended;
    expect(leftBehind(data)).toEqual(nothing);
  });

  it('refuses data of the embedded broker without --fresh', async () => {
    const data = join(folder, 'embedded');
    const embedded = launchStack(data, ['--no-samples', '--no-console']);
    await embedded.ready();
    embedded.kill('SIGTERM');
    await embedded.ended;

    expect(await refusal(data, ['--kafka', '--no-samples'])).toMatch(
      /database millrace_\w+ belongs to cluster .*--fresh/,
    );

    const anew = launchStack(data, ['--kafka', '--no-samples', '--no-console', '--fresh']);
    await anew.ready(readyMsMax);
    anew.kill('SIGTERM');
    await anew.ended;
  });

  it('says in one line that Java is missing', async () => {
    const line = await refusal(join(folder, 'no-java'), ['--kafka'], { JAVA_HOME: join(folder, 'nowhere') });
    expect(line).toMatch(/Apache Kafka needs Java, but .* does not start: install Java 17 or newer/);
  });
});

describe('npm start -- --kafka with an existing cluster', () => {
  let kafka: SecuredKafka;
  const settings = () => ({
    KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers.SASL_SSL,
    KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: kafka.user.name,
    KAFKA_SASL_PASSWORD: kafka.user.password,
    KAFKA_SSL_CA_FILE: kafka.certificates.ca,
  });
  beforeAll(async () => {
    kafka = await startSecuredKafka();
  });
  afterAll(() => kafka?.stop());

  it('A08 runs on it with TLS and credentials, and starts no broker', async () => {
    const stack = launchStack(join(folder, 'existing'), ['--kafka', '--once', '--json'], settings());

    expect(await stack.ended).toBe(0);
    expect(outcomes(stack.stdout())).toEqual(twelveSamples);
    expect(stack.report().bootstrapServers).toBe(kafka.bootstrapServers.SASL_SSL);
    expect(Object.keys(stack.report().pids)).not.toContain('broker');
    expect(stack.stdout() + stack.stderr()).not.toContain(kafka.user.password);
  });

  it('shows itself to the command line, which needs the same settings', async () => {
    const command = (more: object, ...args: readonly string[]) =>
      promisify(execFile)(process.execPath, [...programCommand('apps/cli/src/main.ts'), ...args], {
        env: { ...programEnvironment(), ...settings(), ...more },
      });
    const shown = async (...args: readonly string[]) => (await command({}, ...args)).stdout;
    expect(await shown('topics', 'list')).toMatch(/^order-events +6 /m);
    expect(await shown('messages', 'order-events', '--limit', '1', '--json')).toContain('"OrderCreated"');
    expect(await shown('offsets', 'show', 'order')).toMatch(/^payment-events +\d +[1-9]/m);
    expect(await shown('lag', 'order', '--behind')).toBe('');
    await expect(command({ KAFKA_SASL_PASSWORD: 'wrong' }, 'topics', 'list')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('KAFKA_SASL_PASSWORD'),
    });
  });

  it('A09 refuses new databases on a log with records, and names the setting of a wrong password', async () => {
    expect(await refusal(join(folder, 'others'), ['--kafka'], settings())).toMatch(
      /the databases are new, but the log already has records \(.*order-events.*\): use the databases that belong to it, or delete these topics/,
    );
    expect(
      await refusal(join(folder, 'wrong'), ['--kafka'], { ...settings(), KAFKA_SASL_PASSWORD: 'wrong' }),
    ).toMatch(/the topics could not be prepared: .*KAFKA_SASL_PASSWORD/);
  });
});
