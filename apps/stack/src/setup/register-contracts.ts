import { messageTypes } from '@millrace/contracts';
import { RegistryCallError, RegistryClient } from '@millrace/schema-registry';
import { z } from 'zod';

/**
 * Registers the JSON Schema of each message under `TOPIC-TYPE-VERSION`. The header `ce_dataschema` names it
 * (`/schemas/TOPIC/TYPE/VERSION` of our registry). Registering again changes nothing. Throws a one-line error
 * for a message that running readers could not read.
 */
export async function registerContracts(url: string): Promise<number> {
  const registry = new RegistryClient({ url });
  for (const { topic, type, version, schema } of messageTypes) {
    const text = JSON.stringify(z.toJSONSchema(schema));
    await registry
      .register(`${topic.name}-${type}-${version}`, { schema: text, schemaType: 'JSON' })
      .catch((error: unknown) => {
        if (!(error instanceof RegistryCallError)) throw error;
        throw new Error(
          `SCHEMA_REGISTRY_URL: ${type} of ${topic.name} was not registered: ${error.message}`,
          {
            cause: error,
          },
        );
      });
  }
  return messageTypes.length;
}
