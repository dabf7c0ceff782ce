import { useSignal } from '@preact/signals';
import type { ReadModel } from '../../api/projections.ts';
import { Acts, type Act } from '../../kit/acts.tsx';
import { pathTo } from '../../kit/paths.ts';
import { postJson } from '../../kit/session.ts';
import { actionsOf, type Action } from './rebuild-model.ts';

interface Words extends Pick<Act, 'name' | 'explanation'> {
  /** The text to show once the service has accepted. */
  readonly accepted: string;
}

const words: Readonly<Record<Action, Words>> = {
  rebuild: {
    name: 'Rebuild',
    explanation:
      'Fills new tables from the first event on, beside the live ones. Once every event is in them, they replace the live ones in one transaction.',
    accepted: 'The rebuild has begun',
  },
  pause: {
    name: 'Pause the rebuild',
    explanation: 'Stops the rebuild where it is. The live read model stays in use.',
    accepted: 'The rebuild is paused',
  },
  resume: {
    name: 'Resume the rebuild',
    explanation: 'Lets the rebuild go on where it was paused.',
    accepted: 'The rebuild goes on',
  },
  cancel: {
    name: 'Cancel the rebuild',
    explanation: 'Gives the rebuild up and drops its tables. The live read model stays as it is.',
    accepted: 'The rebuild is given up',
  },
};

/** The actions on a read model. If two operators act at once, only the first one succeeds. */
export function RebuildActs({ readModel }: { readonly readModel: ReadModel }) {
  const { service, projection, rebuild } = readModel;
  const path = pathTo('ops', 'projections', projection, 'actions');
  const said = useSignal('');
  const actOf = (action: Action): Act => {
    const { name, explanation, accepted } = words[action];
    const act: Act['act'] = async (signed) => {
      const order = { ...signed, action };
      await postJson('/api/acts', { service, path, version: rebuild?.revision, order });
      said.value = accepted;
    };
    return { name, title: `${name}: ${projection}`, explanation, act };
  };
  return (
    <>
      <Acts acts={actionsOf(rebuild).map(actOf)} />
      {said.value !== '' && (
        <span class="quiet" role="status">
          {said.value}
        </span>
      )}
    </>
  );
}
