import { join } from 'node:path';
import { formatFiles, type GeneratorCallback, type Tree } from '@nx/devkit';
import { topicOf } from '../source/contracts.ts';
import { withArticle } from '../source/english.ts';
import { spellingsOf } from '../source/names.ts';
import { messageText, sampleOf } from '../source/sample-values.ts';
import { addToFixture, refuseTakenFiles, serviceOf } from '../source/service-source.ts';
import { writeTemplates } from '../source/write-templates.ts';
import { registerDefinition } from './register-saga.ts';
import { closingOf, stepOf } from './messages-of-event.ts';

interface Options {
  readonly name: string;
  readonly in: string;
  /** The event that begins it, such as `VisitOpened`. */
  readonly starts: string;
  /** The command of its first step, such as `OpenClaim`. */
  readonly asks: string;
}

/**
 * Adds a saga that begins with an event which the service publishes already. It has one step, and ends
 * with a command to the service once it is compensated.
 */
export async function sagaOfEvent(tree: Tree, options: Options): Promise<GeneratorCallback> {
  const saga = spellingsOf(options.name);
  const service = serviceOf(tree, '--in', options.in);
  refuseTakenFiles(tree, [`${service.src}/${saga.kebab}`], 'choose another name for the saga');
  const commands = topicOf(tree, options.in, 'commands');
  const events = topicOf(tree, options.in, 'events');
  const closing = closingOf({ commands, events, starts: options.starts });
  const step = stepOf(tree, { events, starts: options.starts, subject: closing.subject, asks: options.asks });

  writeTemplates(tree, join(import.meta.dirname, 'files/of-event'), `${service.src}/${saga.kebab}`, {
    ...closing,
    ...step.texts,
    'saga-name': saga.kebab,
    saga: saga.camel,
    'a saga': withArticle(saga.words),
    commands: commands.constant,
    events: events.constant,
    starts: options.starts,
    start: messageText(tree, events, options.starts),
    key: events.key,
    'key sample': sampleOf(tree, { path: events.file, schema: events.key }),
  });
  registerDefinition(tree, { saga, service, hasStream: false });
  addToFixture(tree, service, { topics: step.topics })?.import(`${service.scope}/contracts`, ...step.topics);
  await formatFiles(tree);

  return () => {
    console.log(`
Next: change its parts in ${service.src}/${saga.kebab}/${saga.kebab}.saga.ts. libs/saga/README.md shows each kind of them.
      Then test it with "npx nx run ${service.scope}/${options.in}:test".
      What only you can decide is in docs/how-to/add-a-part.md, "Add a saga".`);
  };
}
