import type { Registry } from '../registry.ts';
import type { SchemaVersion } from '../store/schema-records.ts';
import { counted, type SchemaContent } from '../store/schema-table.ts';
import { bodyField, flag, idOf, schemaOf, subjectOf, type Asked } from './asked.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** True for a call that only the leader can carry out. */
  readonly changes?: true;
  /** Answers a call without the leader, or returns undefined if only the leader can. */
  readonly known?: (asked: Asked) => unknown;
  readonly answer: (asked: Asked) => unknown;
}

/** The facts about the cluster that the routes show. */
export interface RegistryIdentity {
  readonly clusterId: string;
  readonly groupId: string;
  readonly version: string;
}

/** The REST interface of Confluent's registry. */
export const registryRoutes = (registry: Registry, identity: RegistryIdentity): readonly Route[] => [
  ...subjectRoutes(registry),
  ...schemaRoutes(registry),
  ...settingsRoutes(registry),
  { method: 'GET', path: '/contexts', answer: () => ['.'] },
  {
    method: 'GET',
    path: '/v1/metadata/id',
    answer: () => ({
      scope: {
        path: [],
        clusters: { 'kafka-cluster': identity.clusterId, 'schema-registry-cluster': identity.groupId },
      },
      id: '',
    }),
  },
  {
    method: 'GET',
    path: '/v1/metadata/version',
    answer: () => ({ version: identity.version, commitId: 'millrace' }),
  },
];

/** Leaves out the type Avro, as Confluent's registry does. */
const contentOf = ({ schema, schemaType = 'AVRO', references = [] }: SchemaContent) => ({
  ...(schemaType !== 'AVRO' && { schemaType }),
  ...(references.length > 0 && { references }),
  schema,
});

const versionOf = ({ subject, version, id, ...content }: SchemaVersion) => ({
  subject,
  version,
  id,
  ...contentOf(content),
});

function subjectRoutes(registry: Registry): readonly Route[] {
  const versions = '/subjects/:subject/versions';
  const version = `${versions}/:version`;
  const found = (asked: Asked) =>
    registry.version(subjectOf(asked), asked.params['version'] ?? '', flag(asked, 'deleted'));
  return [
    {
      method: 'GET',
      path: '/subjects',
      answer: (asked) =>
        registry
          .subjects(flag(asked, 'deletedOnly') ? 'deleted' : flag(asked, 'deleted') ? 'all' : 'present')
          .filter((subject) => subject.startsWith(asked.query['subjectPrefix'] ?? '')),
    },
    {
      method: 'GET',
      path: versions,
      answer: (asked) =>
        registry.versions(subjectOf(asked), flag(asked, 'deleted')).map((each) => each.version),
    },
    { method: 'GET', path: version, answer: (asked) => versionOf(found(asked)) },
    { method: 'GET', path: `${version}/schema`, answer: (asked) => found(asked).schema },
    {
      method: 'GET',
      path: `${version}/referencedby`,
      answer: (asked) => registry.referrers(subjectOf(asked), asked.params['version'] ?? ''),
    },
    {
      method: 'POST',
      path: '/subjects/:subject',
      answer: (asked) =>
        versionOf(
          registry.lookUp(subjectOf(asked), schemaOf(asked), {
            normalize: flag(asked, 'normalize'),
            deleted: flag(asked, 'deleted'),
          }),
        ),
    },
    {
      method: 'POST',
      path: versions,
      changes: true,
      known: (asked) => {
        const id = registry.registeredId(subjectOf(asked), schemaOf(asked), flag(asked, 'normalize'));
        return id === undefined ? undefined : { id };
      },
      answer: async (asked) => ({
        id: await registry.register(subjectOf(asked), schemaOf(asked), flag(asked, 'normalize')),
      }),
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject',
      changes: true,
      answer: (asked) => registry.deleteSubject(subjectOf(asked), flag(asked, 'permanent')),
    },
    {
      method: 'DELETE',
      path: version,
      changes: true,
      answer: (asked) =>
        registry.deleteVersion(subjectOf(asked), asked.params['version'] ?? '', flag(asked, 'permanent')),
    },
  ];
}

function schemaRoutes(registry: Registry): readonly Route[] {
  const places = (asked: Asked) =>
    counted(registry.schemaById(idOf(asked)).places.values(), { deleted: flag(asked, 'deleted') });
  const check = (asked: Asked) => {
    const messages = registry.incompatibilities(subjectOf(asked), schemaOf(asked), {
      version: asked.params['version'],
      normalize: flag(asked, 'normalize'),
    });
    return { is_compatible: messages.length === 0, ...(flag(asked, 'verbose') && { messages }) };
  };
  return [
    { method: 'GET', path: '/schemas/types', answer: () => ['JSON', 'AVRO'] },
    {
      method: 'GET',
      path: '/schemas/ids/:id',
      answer: (asked) => contentOf(registry.schemaById(idOf(asked))),
    },
    {
      // The header `ce_dataschema` of a message names this route.
      method: 'GET',
      path: '/schemas/:topic/:type/:version',
      answer: ({ params }) =>
        registry.version(`${params['topic']}-${params['type']}-${params['version']}`, 'latest').schema,
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/schema',
      answer: (asked) => registry.schemaById(idOf(asked)).schema,
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      answer: (asked) => [...new Set(places(asked).map(({ subject }) => subject))],
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/versions',
      answer: (asked) => places(asked).map(({ subject, version }) => ({ subject, version })),
    },
    { method: 'POST', path: '/compatibility/subjects/:subject/versions', answer: check },
    { method: 'POST', path: '/compatibility/subjects/:subject/versions/:version', answer: check },
  ];
}

function settingsRoutes({ settings }: Registry): readonly Route[] {
  const orGlobal = (asked: Asked) => flag(asked, 'defaultToGlobal');
  const level = (compatibilityLevel: string) => ({ compatibilityLevel });
  const one = (asked: Asked) => asked.params['subject'] ?? null;
  const both = (path: string, route: Omit<Route, 'path'>): readonly Route[] => [
    { ...route, path },
    { ...route, path: `${path}/:subject` },
  ];
  return [
    { method: 'GET', path: '/config', answer: () => level(settings.levelOf(null)) },
    {
      method: 'GET',
      path: '/config/:subject',
      answer: (asked) =>
        level(orGlobal(asked) ? settings.levelOf(subjectOf(asked)) : settings.ownLevel(subjectOf(asked))),
    },
    ...both('/config', {
      method: 'PUT',
      changes: true,
      answer: async (asked) => ({
        compatibility: await settings.setLevel(one(asked), bodyField(asked, 'compatibility')),
      }),
    }),
    ...both('/config', {
      method: 'DELETE',
      changes: true,
      answer: async (asked) => level(await settings.deleteLevel(one(asked))),
    }),
    { method: 'GET', path: '/mode', answer: () => ({ mode: settings.modeOf(null) }) },
    {
      method: 'GET',
      path: '/mode/:subject',
      answer: (asked) => ({
        mode: orGlobal(asked) ? settings.modeOf(subjectOf(asked)) : settings.ownMode(subjectOf(asked)),
      }),
    },
    ...both('/mode', {
      method: 'PUT',
      changes: true,
      answer: async (asked) => ({
        mode: await settings.setMode(one(asked), bodyField(asked, 'mode'), flag(asked, 'force')),
      }),
    }),
    {
      method: 'DELETE',
      path: '/mode/:subject',
      changes: true,
      answer: async (asked) => ({ mode: await settings.deleteMode(subjectOf(asked)) }),
    },
  ];
}
