import { useSignal } from '@preact/signals';
import type { ShownSaga } from '../../api/sagas.ts';
import { ActDialog, type Signed } from '../../kit/act-dialog.tsx';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson, RequestFailed } from '../../kit/session.ts';

type Saga = ShownSaga['saga'];
type Action = 'retry' | 'skip' | 'compensate' | 'pause' | 'resume';

const explanations: Readonly<Record<Action, string>> = {
  retry: 'Sends the command that waits for a reply again, now.',
  skip: 'Goes on as if the reply had come. With a result, the saga takes it instead of the reply; without one, a delay or a wait is over.',
  compensate: 'Gives up what the saga waits for and undoes everything that it has done.',
  pause: 'Stops the saga: it records what comes and sends nothing until it is resumed.',
  resume: 'Lets the saga go on: it sends what it has held back.',
};

function actsOf(saga: Saga): readonly Action[] {
  if (saga.status === 'completed' || saga.status === 'compensated') return [];
  if (saga.paused !== undefined) return ['resume'];
  const compensates = saga.status === 'running' || saga.status === 'needs_attention';
  return ['retry', 'skip', ...(compensates ? (['compensate'] as const) : []), 'pause'];
}

/** What an operator can do with the saga. Each act is an event in its history. */
export function SagaActs({ service, saga }: { readonly service: string; readonly saga: Saga }) {
  const chosen = useSignal<Action | undefined>(undefined);
  /** The version that the operator has decided on. Of two operators, only the first one acts. */
  const decidedOn = useSignal<number | undefined>(undefined);
  const step = useSignal('');
  const result = useSignal('');
  const act = async (signed: Signed) => {
    const action = chosen.value;
    const path = pathTo('api', 'sagas', 'act', service, saga.definition, saga.sagaId);
    const streamVersion = decidedOn.value ?? saga.streamVersion;
    decidedOn.value = undefined; // a repetition is decided on what the page shows by then
    await postJson(path, {
      ...signed,
      action,
      streamVersion,
      ...(step.value !== '' && (action === 'retry' || action === 'skip') && { step: step.value }),
      ...(result.value.trim() !== '' && action === 'skip' && { result: parsed(result.value) }),
    });
  };
  const choose = (one: Action) => {
    decidedOn.value = saga.streamVersion;
    chosen.value = one;
  };
  const action = chosen.value;
  const steps = saga.waitsFor.map((waits) => waits.step);
  const replies = saga.waitsFor
    .filter((waits) => step.value === '' || waits.step === step.value)
    .flatMap((waits) => waits.replies);
  return (
    <span class="buttons">
      {actsOf(saga).map((one) => (
        <ActButton key={one} onClick={() => choose(one)}>
          {one}
        </ActButton>
      ))}
      {action !== undefined && (
        <ActDialog
          title={`${action} this saga`}
          explanation={explanations[action]}
          confirm={action}
          act={act}
          close={() => (chosen.value = undefined)}
        >
          {(action === 'retry' || action === 'skip') && steps.length > 1 && (
            <label>
              Which of the things that it waits for
              <select
                required
                value={step.value}
                onChange={({ currentTarget }) => (step.value = currentTarget.value)}
              >
                <option value="">choose one</option>
                {steps.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          )}
          {action === 'skip' && (
            <label>
              Result, as JSON{replies.length > 0 && ` of the type ${replies.join(' or ')}`}
              <textarea
                rows={4}
                value={result.value}
                onInput={({ currentTarget }) => (result.value = currentTarget.value)}
                placeholder={`{ "type": "${replies[0] ?? 'TYPE'}" }`}
              />
            </label>
          )}
        </ActDialog>
      )}
    </span>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestFailed(400, 'malformed_json', 'The result is not valid JSON');
  }
}
