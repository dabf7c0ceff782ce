import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Decided } from '../../api/dead-letters.ts';
import { ActDialog, type Signed } from '../../kit/act-dialog.tsx';
import { Field } from '../../kit/fields.tsx';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { postJson } from '../../kit/session.ts';
import { inWords, isRefused, type LetterFilter } from './letters-model.ts';

interface Order {
  readonly decision: 'redrive' | 'discard';
  /** The letter by its service and id. Without one, all letters of the filter are meant. */
  readonly letter?: readonly [service: string, id: string];
  readonly filter?: LetterFilter;
  /** The value to send instead of the letter's. */
  readonly value?: object | undefined;
}

const acts = {
  redrive: {
    name: 'Redrive',
    explanation:
      'The message goes to its topic again with its id, so that only the group that gave it up handles it. It comes back as a new dead letter if it fails again.',
  },
  discard: { name: 'Discard', explanation: 'Nobody handles the message any more.' },
};

interface DecideButtonProps {
  readonly order: Order;
  readonly disabled?: boolean;
  readonly children: ComponentChildren;
}

export function DecideButton({ order, disabled = false, children }: DecideButtonProps) {
  const asks = useSignal(false);
  return (
    <>
      <ActButton disabled={disabled} onClick={() => (asks.value = true)}>
        {children}
      </ActButton>
      {asks.value && <DecideDialog order={order} close={() => (asks.value = false)} />}
    </>
  );
}

/** Decides about one letter, or about all of a filter. A dry run first shows what would happen. */
function DecideDialog({ order, close }: { readonly order: Order; readonly close: () => void }) {
  const { letter, ...body } = order;
  const path = pathTo('api', 'dead-letters', ...(letter ? ['decide', ...letter] : ['decide-many']));
  const { name, explanation } = acts[order.decision];
  const perSecond = useSignal('20');
  const foreseen = useSignal<Decided | undefined>(undefined);
  const problem = useSignal('');
  useEffect(() => {
    postJson<Decided>(path, body).then(
      (decided) => (foreseen.value = decided),
      (error: Error) => (problem.value = error.message),
    );
  }, []);
  const act = async (signed: Signed) => {
    const rate = letter === undefined ? { perSecond: Number(perSecond.value) } : {};
    const { outcomes = [] } = await postJson<Partial<Decided>>(path, { ...body, ...rate, signed });
    const refused = outcomes.find(isRefused);
    if (refused !== undefined) throw new Error(inWords(refused));
  };
  const { outcomes = [], edited = [], more = false } = foreseen.value ?? {};
  return (
    <ActDialog
      title={`${name} ${letter === undefined ? 'every open letter of this filter' : 'this letter'}`}
      explanation={explanation}
      confirm={name}
      act={act}
      ready={more || outcomes.some((one) => !isRefused(one))}
      close={close}
    >
      <div class="dry-run" role="status">
        <strong>What would happen</strong>
        {foreseen.value === undefined && <p>{problem.value || 'A dry run asks the services …'}</p>}
        {outcomes.map((one) => (
          <p key={one.outcome}>{inWords(one)}</p>
        ))}
        {more && <p>The dry run has not looked at all letters: there may be more.</p>}
        {edited.length > 0 && <p>Changed: {edited.join(', ')}</p>}
      </div>
      {letter === undefined && (
        <Field
          label="Letters a second, at most"
          type="number"
          required
          min={1}
          max={1_000}
          value={perSecond.value}
          typed={(value) => (perSecond.value = value)}
        />
      )}
    </ActDialog>
  );
}
