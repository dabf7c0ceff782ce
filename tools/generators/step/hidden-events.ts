import type { Tree } from '@nx/devkit';
import type { ContractTopic } from '../source/contracts.ts';
import type { SagaSource } from '../source/saga-source.ts';
import type { ServiceSource } from '../source/service-source.ts';

const topicsFile = 'libs/contracts/src/topics.ts';

interface Step {
  readonly name: string;
  readonly saga: Pick<SagaSource, 'id'>;
  readonly events: Pick<ContractTopic, 'name' | 'key'>;
  readonly participant: Pick<ServiceSource, 'name'>;
}

/**
 * Says why nobody sees the step's events together with the other events of the saga's subject. They are shown
 * if topics.ts selects topics by the name of their key, as `eventsOfOrders` does for `orderId`.
 */
export function hiddenEventsOf(tree: Tree, { saga, events, participant, name }: Step): string | undefined {
  const selects = tree.read(topicsFile, 'utf8')?.includes(`key === '${saga.id}'`) === true;
  if (!selects || events.key === saga.id) return undefined;
  return (
    `The key of ${events.name} is ${events.key} and not ${saga.id}, so the timeline of "npm start" and the stories of ` +
    `the tests do not show the events of the step ${name}, and no story is changed. To have them shown, make the ` +
    `service anew with "npm run new -- service ${participant.name.kebab} --key ${saga.id}" before you add the step.`
  );
}
