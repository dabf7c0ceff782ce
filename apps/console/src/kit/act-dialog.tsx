import { useSignal } from '@preact/signals';
import type { ComponentProps } from 'preact';
import { FormDialog } from './form-dialog.tsx';
import { actorName, keepActorName } from './session.ts';

/** The actor and the reason, both of which the service records. */
export interface Signed {
  readonly actor: string;
  readonly reason: string;
}

/** Asks for a reason before something is changed, and shows the server's answer. */
export function ActDialog({
  act,
  children,
  ...dialog
}: Omit<ComponentProps<typeof FormDialog>, 'submit' | 'wide'> & {
  readonly act: (signed: Signed) => Promise<unknown>;
}) {
  const reason = useSignal('');
  const actor = useSignal(actorName());
  const submit = async () => {
    keepActorName(actor.value);
    await act({ actor: actor.value, reason: reason.value });
    return true;
  };
  return (
    <FormDialog {...dialog} submit={submit}>
      {children}
      <label>
        Reason, which is recorded
        <input
          required
          maxLength={1_000}
          value={reason.value}
          onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
          placeholder="INC-7: the carrier is back"
        />
      </label>
      <label>
        Who acts
        <input
          required
          maxLength={200}
          value={actor.value}
          onInput={({ currentTarget }) => (actor.value = currentTarget.value)}
        />
      </label>
    </FormDialog>
  );
}
