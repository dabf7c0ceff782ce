import { connectRest, subjectPath, type RestClient } from '@millrace/operations/client';
import { sharedStack } from '@millrace/test-support/stack';

/** The subject that `registerCloth` fills. */
export const cloth = 'cloth-value';

/** An Avro schema with a name, and with further fields. */
export const clothSchema = (...more: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'Cloth', fields: [{ name: 'name', type: 'string' }, ...more] });

/** A browser that takes it for HTML sets the title of the page. */
export const hostile = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

/** Registers two versions of the subject. The second one has a further field, and a hostile documentation. */
export async function registerCloth(): Promise<void> {
  const registry = clothRegistry();
  const weave = { name: 'weave', type: 'string', default: 'plain' };
  const width = { name: 'width', type: 'int', default: 140 };
  const versions = [
    clothSchema({ ...weave, doc: 'How it is woven' }),
    clothSchema({ ...weave, doc: hostile }, width),
  ];
  for (const schema of versions) await registry.send('POST', `${subjectPath(cloth)}/versions`, { schema });
}

function clothRegistry(): RestClient {
  const url = sharedStack().instances.registry;
  if (url === undefined) throw new Error('the stack of this project has no schema registry');
  return connectRest('registry', url);
}
