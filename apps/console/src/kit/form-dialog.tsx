import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface FormDialogProps {
  readonly title: string;
  readonly explanation: string;
  /** The label of the button. */
  readonly confirm: string;
  /** Resolves to true if the dialog can close. */
  readonly submit: () => Promise<boolean>;
  readonly ready?: boolean;
  readonly wide?: boolean;
  readonly close: () => void;
  readonly children?: ComponentChildren;
}

/** A form in a dialog. It stays open until the server has confirmed the action. */
export function FormDialog({
  title,
  explanation,
  confirm,
  submit,
  ready = true,
  wide = false,
  close,
  children,
}: FormDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const problem = useSignal('');
  const busy = useSignal(false);
  useEffect(() => dialog.current?.showModal(), []);
  const ask = async (event: Event) => {
    event.preventDefault();
    busy.value = true;
    problem.value = '';
    try {
      if (await submit()) dialog.current?.close(); // the focus goes back to where it was
    } catch (error) {
      problem.value = (error as Error).message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <dialog ref={dialog} class={wide ? 'wide' : undefined} onClose={close} aria-label={title}>
      <form onSubmit={(event) => void ask(event)}>
        <h2>{title}</h2>
        <p class="quiet">{explanation}</p>
        {children}
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
            {busy.value ? 'Asking the server …' : confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}
