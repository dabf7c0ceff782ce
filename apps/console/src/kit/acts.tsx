import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { ActDialog, type Signed } from './act-dialog.tsx';
import { ActButton } from './read-only.tsx';

/** An action of an operator. */
export interface Act {
  /** The label of its button. */
  readonly name: string;
  /** The heading of its dialog. */
  readonly title: string;
  readonly explanation: string;
  /** Performs the action. Rejects with the server's refusal. */
  readonly act: (signed: Signed) => Promise<unknown>;
  /** Further fields of the dialog. */
  readonly fields?: () => ComponentChildren;
}

/**
 * Buttons for actions. Each dialog asks for actor and reason, and shows the state as it was when
 * the button was pressed.
 */
export function Acts({ acts }: { readonly acts: readonly Act[] }) {
  const chosen = useSignal<Act | undefined>(undefined);
  const { name, title, explanation, act, fields: Fields } = chosen.value ?? {};
  return (
    <span class="buttons">
      {acts.map((one) => (
        <ActButton key={one.name} onClick={() => (chosen.value = one)}>
          {one.name}
        </ActButton>
      ))}
      {act !== undefined && (
        <ActDialog
          title={title ?? ''}
          explanation={explanation ?? ''}
          confirm={name ?? ''}
          act={act}
          close={() => (chosen.value = undefined)}
        >
          {Fields !== undefined && <Fields />}
        </ActDialog>
      )}
    </span>
  );
}
