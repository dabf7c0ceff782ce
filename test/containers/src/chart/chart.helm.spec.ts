import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readComposeFile, workspace } from '../compose-file.ts';
import { ObjectSchemas } from './object-schemas.ts';
import { helm, podsOf, programs, render, selects, type KubernetesObject } from './rendered-chart.ts';

const sets = readdirSync(join(workspace, 'deploy/k8s/values'));
const prefixOf = (name: string) => name.toUpperCase().replaceAll('-', '_');
const services = Object.entries(programs.services);
const apps = Object.keys(programs.apps);

interface Trigger {
  readonly metadata: { readonly consumerGroup: string };
}

describe.each(sets)('the Helm chart with %s', (set) => {
  let objects: readonly KubernetesObject[] = [];
  beforeAll(() => {
    objects = render(set);
  });

  it('passes `helm lint`', () => {
    expect(helm('lint', '--strict', '.', '--values', `values/${set}`)).toMatchObject({ done: true });
  });

  it('R41 renders only objects that fit the schemas of Kubernetes and KEDA, each with its own name', () => {
    const schemas = new ObjectSchemas();
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);

    expect(objects.length).toBeGreaterThan(services.length);
    expect(objects.flatMap((object) => schemas.faultsOf(object))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it('R42 gives no pod more rights than it needs, and each a limit of memory', () => {
    for (const { name, pod } of podsOf(objects)) {
      const [container, ...others] = pod.spec.containers;
      expect({ name, others, spec: pod.spec }).toMatchObject({
        name,
        others: [],
        spec: {
          automountServiceAccountToken: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
        },
      });
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { limits: { memory: programs.memory }, requests: { cpu: expect.any(String) } },
      });
    }
  });

  it('R42 takes every user, password and token from a secret', () => {
    const variables = podsOf(objects).flatMap(({ pod }) => pod.spec.containers[0].env);
    const secret = variables.filter(({ name }) => /(USERNAME|PASSWORD|TOKEN)$/.test(name));
    const urls = variables.filter(({ value }) => value?.startsWith('postgres:'));

    expect(secret.filter(({ valueFrom }) => valueFrom?.secretKeyRef === undefined)).toEqual([]);
    expect(secret.length).toBeGreaterThan(0);
    expect(
      urls.filter(({ value }) => !/^postgres:\/\/\$\((\w+)_USERNAME\):\$\(\1_PASSWORD\)@/.test(value ?? '')),
    ).toEqual([]);
  });

  it('R42 gives the keys of personal data only to services that have some, on another server than their data', () => {
    const withKeys = podsOf(objects)
      .filter(({ pod }) => pod.spec.containers[0].env.some(({ name }) => name === 'KEYS_DATABASE_URL'))
      .map(({ pod }) => pod.metadata.labels['app.kubernetes.io/name'] ?? '');
    const personal = services.filter(([, { personalData }]) => personalData).map(([name]) => name);

    expect([...new Set(withKeys)].sort()).toEqual(['migrate', ...personal].sort());
  });

  it('runs every role of every service, each process under the name of its pod', () => {
    for (const [name, { readModels }] of services) {
      const pods = podsOf(objects).filter(
        ({ pod }) => pod.metadata.labels['app.kubernetes.io/name'] === name,
      );
      const valueOf = (variable: string) =>
        pods.map(({ pod }) => pod.spec.containers[0].env.find((each) => each.name === variable));
      const roles = valueOf('ROLES').flatMap((each) => (each === undefined ? [] : [each.value]));
      const split = ['api', 'worker', 'relay', ...(readModels ? ['projector'] : [])];

      expect(roles).toEqual(pods.length === 1 ? [] : split);
      expect(valueOf(`${prefixOf(name)}_INSTANCE`)).toEqual(
        pods.map(() => expect.objectContaining({ valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } })),
      );
    }
  });

  it('has a budget and a network policy for each pod, where the values want them', () => {
    const of = (wanted: string) => objects.filter(({ kind }) => kind === wanted);
    const pods = podsOf(objects).map(({ pod }) => pod);
    const budgets = of('PodDisruptionBudget').map(({ spec }) => spec.selector?.matchLabels);
    const policies = of('NetworkPolicy').map(({ spec }) => spec.podSelector?.matchLabels);
    const single = new Set(['migrate', 'console']);
    const many = pods.filter(
      ({ metadata: { labels } }) => !single.has(labels['app.kubernetes.io/name'] ?? ''),
    );

    if (budgets.length > 0)
      expect(many.map((pod) => budgets.filter((each) => selects(each, pod)).length)).toEqual(
        many.map(() => 1),
      );
    if (policies.length > 0)
      expect(pods.map((pod) => policies.filter((each) => selects(each, pod)).length)).toEqual(
        pods.map(() => 1),
      );
    expect(budgets.length > 0).toBe(set !== 'small.yaml');
    expect(policies.length > 0).toBe(set !== 'small.yaml');
  });

  it('asks no pod for its health in another way than its image does', () => {
    const probes = podsOf(objects)
      .filter(({ name }) => !name.endsWith('-migrate'))
      .map(({ pod }) => pod.spec.containers[0].livenessProbe);
    expect(probes).toEqual(
      probes.map(() => ({ httpGet: { path: '/livez', port: 'http' }, ...livenessOf(programs.probe) })),
    );
  });
});

const livenessOf = ({ startSeconds: _, ...probe }: Readonly<Record<string, number>>) => probe;

describe('the schemas', () => {
  it('know every field of Kubernetes and KEDA, and no other', () => {
    const schemas = new ObjectSchemas();
    const [scaled] = render('keda.yaml').filter(({ kind }) => kind === 'ScaledObject');
    const [service] = render('keda.yaml').filter(({ kind }) => kind === 'Service');
    const faultsWith = (object: KubernetesObject | undefined, spec: object) =>
      object && schemas.faultsOf({ ...object, spec: { ...object.spec, ...spec } });

    expect(faultsWith(service, { sellector: {} })).toEqual([expect.stringContaining('sellector')]);
    expect(faultsWith(scaled, { maxReplicaCounts: 6 })).toEqual([
      expect.stringContaining('maxReplicaCounts'),
    ]);
    expect(faultsWith(scaled, { triggers: [{ type: 'kafka', metadata: { lagTreshold: '5' } }] })).toEqual([
      expect.stringContaining("KEDA's scaler has no setting lagTreshold"),
    ]);
  });
});

describe('the Helm chart', () => {
  it('R41 sets what docker-compose.yml sets for each program', () => {
    const compose = readComposeFile().services;
    const pods = podsOf(render('everything.yaml', '--set', 'layout=together'));
    const faults = [...services.map(([name]) => name), ...apps, 'console', 'migrate'].flatMap((name) => {
      const pod = pods.find((each) => each.name === `shop-${name}`)?.pod;
      const set = new Set(pod?.spec.containers[0].env.map((each) => each.name));
      return Object.entries(compose[name]?.environment ?? {})
        .filter(([, value]) => value !== null && !/^\$\{/.test(String(value)))
        .map(([setting]) => setting.replace(/_TOKEN_FILE$/, '_TOKEN'))
        .filter((setting) => !set.has(setting) && !elsewhere.has(`${name} ${setting}`))
        .map((setting) => `${name}: ${setting}`);
    });
    expect(faults).toEqual([]);
  });

  it.each(['keda.yaml', 'together.yaml'])(
    'R43 scales by KEDA what consumes as any group, and sets no number of its processes: %s',
    (set) => {
      const objects = render(set);
      const scaled = objects.filter(({ kind }) => kind === 'ScaledObject');
      const groups = scaled.flatMap(({ spec }) =>
        (spec.triggers as readonly Trigger[]).map((each) => each.metadata.consumerGroup),
      );
      const deployments = scaled.map(({ metadata: { name } }) =>
        objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name),
      );

      expect(groups.sort()).toEqual(
        services
          .flatMap(([name, { readModels }]) => (readModels ? [name, `${name}-projector`] : [name]))
          .sort(),
      );
      expect(deployments).toEqual(deployments.map(() => expect.objectContaining({ kind: 'Deployment' })));
      expect(deployments.filter((each) => each?.spec.replicas !== undefined)).toEqual([]);
    },
  );

  it.each([
    ['settings.SMTP_URI=x', 'settings.SMTP_URI: there is no such setting'],
    ['services.nobody.settings.LOG_LEVEL=debug', 'services.nobody: there is none of this name'],
    ['postgres.host=', 'postgres.host has no value'],
    ['with=some', "with: some: give 'all' or a list"],
    ['with={nobody}', 'there is no optional app nobody'],
    ['postgers.host=x', "additional properties 'postgers' not allowed"],
    ['kafka.securityProtocol=SASL_SSL', 'kafka.saslMechanism has no value'],
  ])('R41 refuses %s, and says why', (value, reason) => {
    const { done, output } = helm('template', 'x', '.', '--values', 'values/small.yaml', '--set', value);
    expect({ done, output }).toEqual({ done: false, output: expect.stringContaining(reason) });
  });
});

/** Settings whose place another one takes: the token comes from a secret, not from a file. */
const elsewhere: ReadonlySet<string> = new Set([
  'migrate OPS_HOST',
  'migrate OPS_PORT',
  'migrate OPS_TOKEN',
  'console OPS_HOST',
  'console OPS_PORT',
]);
