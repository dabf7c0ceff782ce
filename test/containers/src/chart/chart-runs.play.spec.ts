import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { containerEngine, testTag } from '../images.ts';
import { imageOf, Podman } from './podman.ts';
import { programs, render, type KubernetesObject } from './rendered-chart.ts';

const services = Object.entries(programs.services);
const secrets = {
  'millrace-postgres': { username: 'millrace', password: randomBytes(8).toString('hex') },
  'millrace-keys': { username: 'millrace', password: randomBytes(8).toString('hex') },
  'millrace-ops': { token: randomBytes(16).toString('hex') },
};

/** The values of the chart's variables that a URL names. Kubernetes replaces them, podman 4.3 does not. */
const logins: Readonly<Record<string, string>> = {
  POSTGRES_USERNAME: secrets['millrace-postgres'].username,
  POSTGRES_PASSWORD: secrets['millrace-postgres'].password,
  KEYS_USERNAME: secrets['millrace-keys'].username,
  KEYS_PASSWORD: secrets['millrace-keys'].password,
};

/**
 * A rendered Deployment or Job as podman runs it: a Job as its pod, and no published ports, since
 * podman would open each on this machine. Its probes do nothing, so the test asks instead.
 */
function forPodman({ kind, apiVersion, metadata, spec }: KubernetesObject): object {
  const { template } = spec;
  if (template === undefined) throw new Error(`${kind} ${metadata.name} has no pod`);
  const containers = template.spec.containers.map(({ env, ...container }) => ({
    ...Object.fromEntries(
      Object.entries(container).filter(([field]) => !/^(ports|lifecycle|\w+Probe)$/.test(field)),
    ),
    env: env.map(({ value, ...variable }) => ({
      ...variable,
      ...(value !== undefined && {
        value: value.replaceAll(/\$\((\w+)\)/g, (_, name: string) => logins[name] ?? ''),
      }),
    })),
  }));
  const pod = { ...template, spec: { ...template.spec, containers } };
  return kind === 'Job'
    ? { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { ...pod.metadata, name: metadata.name } }
    : { apiVersion, kind, metadata, spec: { ...spec, template: pod } };
}

const isReady = (port: number) =>
  `fetch('http://127.0.0.1:${port}/readyz').then(({ status }) => process.exit(status === 200 ? 0 : 1), () => process.exit(1))`;

describe('what the Helm chart renders', () => {
  const postgresImage = containerEngine().environment.POSTGRES_IMAGE ?? '';
  let podman: Podman;
  let objects: readonly KubernetesObject[] = [];

  beforeAll(async () => {
    const values = [
      `image.registry=localhost/millrace,image.tag=${testTag},image.pullPolicy=Never,console.enabled=false`,
      // In one sample order the carrier answers only after the step timeout, as docker-compose.yml says.
      'settings.SAGA_STEP_TIMEOUT_MS=5000',
    ];
    objects = render('small.yaml', '--set', values.join(','));
    podman = await Podman.create();
    const own = ['broker', 'mail', 'migrate', 'samples', ...services.map(([name]) => name)];
    await podman.load(postgresImage, ...own.map(imageOf));
    for (const [name, secret] of Object.entries(secrets)) await podman.secret(name, secret);
    for (const name of ['postgres', 'keys'] as const) {
      const { username, password } = secrets[`millrace-${name}`];
      const image = `localhost/${postgresImage.split('/').at(-1)}`;
      await podman.start(name, image, { POSTGRES_USER: username, POSTGRES_PASSWORD: password });
    }
    await podman.start('kafka', `localhost/${imageOf('broker')}`, {
      BROKER_HOST: '0.0.0.0',
      BROKER_PORT: '9092',
      BROKER_ADVERTISED_HOST: 'kafka',
      BROKER_DATA: '/data',
    });
    await podman.start('mail', `localhost/${imageOf('mail')}`, {
      SMTP_HOST: '0.0.0.0',
      SMTP_PORT: '2525',
      MAIL_FOLDER: '/data',
    });
  });
  afterAll(() => podman?.remove());

  it('migrates, starts every service with these rights, and completes the sample orders', async () => {
    await podman.play(objects.filter(({ kind }) => kind === 'Job').map(forPodman));
    expect(await podman.run('wait', 'shop-migrate-migrate')).toBe('0');

    await podman.play(objects.filter(({ kind }) => kind === 'Deployment').map(forPodman));
    for (const [name, { port }] of services)
      await podman.until(`shop-${name}-pod-0-${name}`, 'node', '--eval', isReady(port));

    const urls = services.map(([name, { port }]) => [
      `${name.toUpperCase().replaceAll('-', '_')}_URL`,
      `http://shop-${name}-pod-0:${port}`,
    ]);
    const printed = await podman.once(`localhost/${imageOf('samples')}`, {
      KAFKA_BOOTSTRAP_SERVERS: 'kafka:9092',
      ...Object.fromEntries(urls),
    });
    expect(printed).toContain('completed');
  });
});
