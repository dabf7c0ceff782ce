import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import type { KubernetesObject } from './rendered-chart.ts';

interface Definition {
  readonly spec: {
    readonly versions: ReadonlyArray<{
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: object };
    }>;
  };
}

interface Trigger {
  readonly type: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The schemas that `npm run verify -- chart` fetches. Strict ones, which know every field. */
export class ObjectSchemas {
  readonly #folder = process.env.MILLRACE_CHART_SCHEMAS ?? '';
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  readonly #scalerSettings: ReadonlySet<string>;

  constructor() {
    this.#ajv.addSchema(this.#json('_definitions.json'), '/api/_definitions.json');
    const source = readFileSync(join(this.#folder, 'kafka_scaler.go'), 'utf8');
    this.#scalerSettings = new Set([...source.matchAll(/keda:"name=(\w+)/g)].map(([, name = '']) => name));
  }

  /** What is wrong with an object, each with its name. A kind without a schema is wrong too. */
  faultsOf(object: KubernetesObject): readonly string[] {
    const name = `${object.kind} ${object.metadata.name}`;
    const isOfKeda = object.apiVersion.startsWith('keda.sh/');
    const validate = isOfKeda ? this.#ofKeda(object) : this.#ofKubernetes(object);
    validate(object);
    return [
      ...(validate.errors ?? []).map(
        ({ instancePath, message, params }) =>
          `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`,
      ),
      ...this.#unknownToScaler(object).map((setting) => `${name}: KEDA's scaler has no setting ${setting}`),
    ];
  }

  #ofKubernetes({ apiVersion, kind }: KubernetesObject) {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const file = [kind, group.split('.')[0], version].filter(Boolean).join('-').toLowerCase();
    return (
      this.#ajv.getSchema(file) ?? this.#ajv.addSchema(this.#json(`${file}.json`), file).getSchema(file)!
    );
  }

  #ofKeda({ apiVersion, kind }: KubernetesObject) {
    const text = readFileSync(join(this.#folder, `keda-${kind.toLowerCase()}s.yaml`), 'utf8');
    const { spec } = load(text) as Definition;
    const version = spec.versions.find(({ name }) => apiVersion.endsWith(`/${name}`));
    if (version === undefined) throw new Error(`KEDA has no ${apiVersion} ${kind}`);
    return this.#ajv.compile(closed(version.schema.openAPIV3Schema) as object);
  }

  #unknownToScaler({ spec }: KubernetesObject): readonly string[] {
    const triggers = (spec.triggers ?? []) as readonly Trigger[];
    return triggers.flatMap(({ metadata }) =>
      Object.keys(metadata).filter((setting) => !this.#scalerSettings.has(setting)),
    );
  }

  #json = (file: string): object => JSON.parse(readFileSync(join(this.#folder, file), 'utf8')) as object;
}

/** The schema with no room for fields that it does not name, as an API server with strict fields has it. */
function closed(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed);
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isClosed = 'properties' in inner && !('x-kubernetes-preserve-unknown-fields' in inner);
  return isClosed ? { additionalProperties: false, ...inner } : inner;
}
