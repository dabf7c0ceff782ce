import { selfContainedAvro } from '../schema.ts';
import type { ReferencedSchema } from '../schema-types.ts';
import type { RegisteredSchema, RegistryClient } from './registry-client.ts';

const nestingMax = 20;

/** The text of an Avro schema with the types that it refers to. */
export async function avroText(registered: RegisteredSchema, registry: RegistryClient): Promise<string> {
  const resolve = async (
    { references }: RegisteredSchema,
    depth: number,
  ): Promise<readonly ReferencedSchema[]> => {
    checkDepth(depth);
    return Promise.all(
      references.map(async ({ name, subject, version }) => {
        const found = await registry.version(subject, version);
        return { name, text: found.schema, references: await resolve(found, depth + 1) };
      }),
    );
  };
  return selfContainedAvro(registered.schema, await resolve(registered, 0));
}

/** Like `avroText`, while the process waits for the registry. */
export function avroTextNow(registered: RegisteredSchema, registry: RegistryClient): string {
  const resolve = ({ references }: RegisteredSchema, depth: number): readonly ReferencedSchema[] => {
    checkDepth(depth);
    return references.map((reference) => {
      const found = registry.versionNow(reference);
      return { name: reference.name, text: found.schema, references: resolve(found, depth + 1) };
    });
  };
  return selfContainedAvro(registered.schema, resolve(registered, 0));
}

function checkDepth(depth: number): void {
  if (depth > nestingMax) throw new Error(`references go deeper than ${nestingMax} schemas`);
}
