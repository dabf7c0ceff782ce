import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { actorName, keepActorName } from './session.ts';

/** Who acts, and why. The service records both. */
export interface Signed {
  readonly actor: string;
  readonly reason: string;
}

/**
 * Asks for a reason before something is changed, and shows what the server says. Nothing is shown as
 * done before the server has said so.
 */
export function ActDialog({
  title,
  explanation,
  confirm,
  act,
  ready = true,
  close,
  children,
}: {
  readonly title: string;
  readonly explanation: string;
  /** The word on the button. */
  readonly confirm: string;
  readonly act: (signed: Signed) => Promise<unknown>;
  /** Whether the act can be confirmed yet. */
  readonly ready?: boolean;
  readonly close: () => void;
  /** Further fields. */
  readonly children?: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const reason = useSignal('');
  const actor = useSignal(actorName());
  const problem = useSignal('');
  const busy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    problem.value = '';
    try {
      keepActorName(actor.value);
      await act({ actor: actor.value, reason: reason.value });
      dialog.current?.close(); // the focus goes back to where it was
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        <p class="quiet">{explanation}</p>
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
        {problem.value !== '' && (
          <p class="problem" role="alert">
            {problem.value}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Leave it
          </button>
          <button type="submit" disabled={busy.value || !ready}>
            {busy.value ? 'Asking the service …' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
