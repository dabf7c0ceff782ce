import { TopologyError } from './topology-error.ts';

const lengthMax = 249;

/** A name may become part of a topic's name, so Kafka's rules for topics hold for all names. */
export function checkName(kind: 'node' | 'store' | 'topic', name: string): void {
  const isLegal = /^[a-zA-Z0-9._-]+$/.test(name) && name !== '.' && name !== '..';
  if (isLegal && name.length <= lengthMax) return;
  throw new TopologyError(
    `The ${kind} name ${JSON.stringify(name)} is not legal. Use up to ${lengthMax} letters, digits, '.', '_' and '-'`,
  );
}
