import { describe, expect, it } from '@jest/globals';
import * as contracts from '@millrace/contracts';
import { sagaDiagram } from '@millrace/saga/testing';
import { usesIn } from './message-uses.ts';
import { serviceSagas } from './service-sagas.ts';
import { withDiagram } from './with-diagram.ts';
import { filesOf, pageWritten, readText } from './workspace.ts';

const path = 'docs/CHOREOGRAPHY.md';

/** The exported names of the topics, each with the topic's name on the log. */
const topics: ReadonlyMap<string, string> = new Map(
  Object.entries(contracts).flatMap(([name, exported]) =>
    typeof exported === 'object' && 'declaration' in exported
      ? [[name, (exported.declaration as { readonly name: string }).name] as const]
      : [],
  ),
);

/** Only order sends commands to a choreographed order's services. */
const writerOf = (topic: string): string =>
  topic.endsWith('-commands') ? 'order' : topic.replace(/-events$/, '');

/** Draws which service hears what from which, as the handlers in the folders of choreography say. */
function choreographyDiagram(): string {
  const names = new Set(topics.keys());
  const heard = filesOf('apps/*/src/choreography/*.messages.ts')
    .flatMap((file) => usesIn(file, readText(file), names))
    .flatMap(({ service, use, topic, type }) =>
      use === 'reads' && type !== undefined
        ? [{ from: writerOf(topics.get(topic) ?? ''), to: service, type }]
        : [],
    );
  const arrows = Map.groupBy(heard, ({ from, to }) => `${from} --> ${to}`);
  return [
    'flowchart LR',
    ...[...arrows.values()].map(([first, ...others]) => {
      const { from, to, type } = first!;
      return `  ${from} -->|"${[type, ...others.map((each) => each.type)].join('<br>')}"| ${to}`;
    }),
    '',
  ].join('\n');
}

describe('the page of both styles', () => {
  it('draws the saga and the choreography as the code has them', async () => {
    const fulfillment = (await serviceSagas()).find(({ definition }) => definition.name === 'fulfillment');
    const directed = withDiagram(readText(path), {
      path,
      heading: 'Orchestrated',
      diagram: sagaDiagram(fulfillment!.definition),
    });
    const wanted = withDiagram(directed, { path, heading: 'Choreographed', diagram: choreographyDiagram() });
    expect(pageWritten(path, wanted)).toBe(wanted);
  });
});
