import { describe, expect, it } from '@jest/globals';
import { linesIn } from './lines.ts';
import { readText } from './workspace.ts';

/** The sizes that ARCHITECTURE names, each with the folders that it counts. */
const counted: Readonly<Record<string, RegExp>> = {
  'what you read and change':
    /^(apps\/(?!(?:analytics|broker|connect|dashboard|fraud|logs|recommendation|registry|stack|cli|console)\/)[^/]+|libs\/(contracts|event-sourcing|personal-data|read-models|saga|service-chassis))\//,
  'the five services and their contracts':
    /^(apps\/(?!(?:analytics|broker|connect|dashboard|fraud|logs|recommendation|registry|stack|cli|console)\/)[^/]+|libs\/contracts)\//,
  'service-chassis and read-models': /^libs\/(service-chassis|read-models)\//,
  'event-sourcing, saga, personal-data': /^libs\/(event-sourcing|saga|personal-data)\//,
  'what you use as a library':
    /^(apps\/(broker|connect|registry)|libs\/(connect|streaming-core|streams|schema-registry|embedded-\w+))\//,
  'outbox, consumer, transactions':
    /^libs\/streaming-core\/src\/(messaging|postgres|personal|contract|runtime|shared-state)\//,
  'the Kafka client': /^libs\/streaming-core\/src\/client\//,
  'the broker, and the starters of the engines':
    /^(apps\/broker|libs\/embedded-\w+|libs\/streaming-core\/src\/(broker|coordinators|log|protocol|records))\//,
  'stream processing': /^libs\/streams\//,
  'the schema registry': /^(libs\/schema-registry|apps\/registry)\//,
  'apps on streams': /^apps\/(analytics|dashboard|fraud|logs|recommendation)\//,
  'what starts and operates the system': /^(apps\/(stack|cli|console)|libs\/(operations|books|testing))\//,
  stack: /^apps\/stack\//,
  console: /^apps\/console\//,
  'command line, operations, books, testing': /^(apps\/cli|libs\/(operations|books|testing))\//,
};

/** The sizes in a diagram, as in `["the Kafka client: 14,000"]` or `["...: 33,000 lines"]`. */
const sizesIn = (text: string): ReadonlyMap<string, number> =>
  new Map(
    [...text.matchAll(/\["([^":]+): ([\d,]+)(?: lines|<br\/>[^"]*)?"\]/g)].map(
      ([, name = '', lines = '']) => [name, Number(lines.replaceAll(',', ''))],
    ),
  );

describe('the sizes in ARCHITECTURE', () => {
  const stated = sizesIn(readText('docs/ARCHITECTURE.md'));

  it('are those that this test counts', () => {
    expect([...stated.keys()].sort()).toEqual(Object.keys(counted).sort());
  });

  it.each(Object.entries(counted))('are right within a tenth: %s', (name, folders) => {
    const lines = linesIn(folders);
    expect(lines).toBeGreaterThan(0);
    expect(Math.abs((stated.get(name) ?? 0) / lines - 1)).toBeLessThan(0.1);
  });
});
