import { useSignal } from '@preact/signals';
import type { ReadModel } from '../../api/projections.ts';
import { ActDialog } from '../../kit/act-dialog.tsx';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { actionsOf, type Action } from './rebuild-model.ts';

interface Words {
  readonly name: string;
  readonly explanation: string;
  /** What the service has said yes to. */
  readonly accepted: string;
}

const acts: Readonly<Record<Action, Words>> = {
  rebuild: {
    name: 'Rebuild',
    explanation:
      'Fills new tables from the first event on, beside the live ones. Once every event is in them, they replace the live ones in one transaction.',
    accepted: 'The rebuild has begun',
  },
  pause: {
    name: 'Pause',
    explanation: 'Stops the rebuild where it is. The live read model stays in use.',
    accepted: 'The rebuild is paused',
  },
  resume: {
    name: 'Resume',
    explanation: 'Lets the rebuild go on where it was paused.',
    accepted: 'The rebuild goes on',
  },
  cancel: {
    name: 'Cancel',
    explanation: 'Gives the rebuild up and drops its tables. The live read model stays as it is.',
    accepted: 'The rebuild is given up',
  },
};

interface Chosen {
  readonly action: Action;
  readonly revision: number;
}

const nameOf = ({ action }: Chosen): string =>
  action === 'rebuild' ? acts.rebuild.name : `${acts[action].name} the rebuild`;

/** What an operator can do with a read model. Of two operators, only the first one acts. */
export function RebuildActs({ readModel }: { readonly readModel: ReadModel }) {
  const { service, projection, rebuild } = readModel;
  const chosen = useSignal<Chosen | undefined>(undefined);
  const said = useSignal('');
  const act = chosen.value;
  return (
    <span class="buttons">
      {actionsOf(rebuild).map((action) => (
        <ActButton key={action} onClick={() => (chosen.value = { action, revision: rebuild?.revision ?? 0 })}>
          {acts[action].name}
        </ActButton>
      ))}
      {said.value !== '' && (
        <span class="quiet" role="status">
          {said.value}
        </span>
      )}
      {act !== undefined && (
        <ActDialog
          title={act.action === 'rebuild' ? `Rebuild ${projection}` : `${nameOf(act)} of ${projection}`}
          explanation={acts[act.action].explanation}
          confirm={nameOf(act)}
          act={async (signed) => {
            const body = { ...signed, revision: act.revision };
            await postJson(pathTo('api', 'projections', service, projection, act.action), body);
            said.value = acts[act.action].accepted;
          }}
          close={() => (chosen.value = undefined)}
        />
      )}
    </span>
  );
}
