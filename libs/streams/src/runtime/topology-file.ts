import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './state-folder.ts';
import { StreamsError } from './streams-error.ts';

const fileName = 'topology.txt';

/**
 * Compares the stores of the topology with those that the folder has state of, and remembers the
 * topology. Names that are drawn from a counter change when an operator is added before them, and
 * the state under the former name would be left behind unseen. Throws `topology_changed` if a store
 * has disappeared, unless the change is allowed.
 */
export function checkTopologyFile(
  folder: string,
  { description, storeNames }: { readonly description: string; readonly storeNames: readonly string[] },
  allowTopologyChange: boolean,
): void {
  const path = join(folder, fileName);
  const former = readIfThere(path);
  if (former !== undefined && !allowTopologyChange) refuseLostStores(path, former, storeNames);
  writeFileSync(path, `${storesLine(storeNames)}\n${description}`);
}

function refuseLostStores(path: string, former: string, storeNames: readonly string[]): void {
  const lost = storesOf(former).filter((name) => !storeNames.includes(name));
  if (lost.length === 0) return;
  throw new StreamsError(
    'topology_changed',
    `the topology has no store ${lost.join(', ')} any more, which ${path} has: give the store its former ` +
      'name with materialized(name), or set allowTopologyChange to give up its state',
  );
}

const prefix = 'Stores: ';

const storesLine = (names: readonly string[]): string => `${prefix}${names.toSorted().join(', ')}`;

function storesOf(text: string): readonly string[] {
  const [line = ''] = text.split('\n', 1);
  return line.startsWith(prefix) ? line.slice(prefix.length).split(', ').filter(Boolean) : [];
}
