import { useSignal, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { ShownSaga } from '../../api/sagas.ts';
import { Acts, type Act } from '../../kit/acts.tsx';
import { named, Select } from '../../kit/fields.tsx';
import { pathTo } from '../../kit/paths.ts';
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

function actionsOn(saga: Saga): readonly Action[] {
  if (saga.status === 'completed' || saga.status === 'compensated') return [];
  if (saga.paused !== undefined) return ['resume'];
  const compensates = saga.status === 'running' || saga.status === 'needs_attention';
  return compensates ? ['retry', 'skip', 'compensate', 'pause'] : ['retry', 'skip', 'pause'];
}

/** The actions on the saga. Each one becomes an event in its history. */
export function SagaActs({ service, saga }: { readonly service: string; readonly saga: Saga }) {
  const step = useSignal('');
  const result = useSignal('');
  const path = pathTo('ops', 'sagas', saga.definition, saga.sagaId, 'actions');
  const latest = useRef(saga);
  latest.current = saga;
  const actOf = (action: Action): Act => {
    let decidedOn: Saga | undefined = saga; // of two operators, only the first one acts
    return {
      name: action,
      title: `${action} this saga`,
      explanation: explanations[action],
      fields: () => <Fields action={action} waitsFor={saga.waitsFor} step={step} result={result} />,
      act(signed) {
        const { streamVersion: version } = decidedOn ?? latest.current;
        decidedOn = undefined; // a repetition is decided on what the page shows by then
        const order = { ...signed, action, ...givenIn(action, step.value, result.value) };
        return postJson('/api/acts', { service, path, version, order });
      },
    };
  };
  return <Acts acts={actionsOn(saga).map(actOf)} />;
}

const takesStep = (action: Action): boolean => action === 'retry' || action === 'skip';

const givenIn = (action: Action, step: string, result: string): object => ({
  ...(takesStep(action) && step !== '' && { step }),
  ...(action === 'skip' && result.trim() !== '' && { result: parsed(result) }),
});

interface FieldsProps {
  readonly action: Action;
  readonly waitsFor: Saga['waitsFor'];
  readonly step: Signal<string>;
  readonly result: Signal<string>;
}

function Fields({ action, waitsFor, step, result }: FieldsProps) {
  const chosen = waitsFor.filter((waits) => step.value === '' || waits.step === step.value);
  const replies = chosen.flatMap((waits) => waits.replies);
  return (
    <>
      {takesStep(action) && waitsFor.length > 1 && (
        <Select
          label="Which of the things that it waits for"
          required
          value={step.value}
          options={[['', 'choose one'], ...named(waitsFor.map((waits) => waits.step))]}
          chosen={(name) => (step.value = name)}
        />
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
    </>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestFailed(400, 'malformed_json', 'The result is not valid JSON');
  }
}
