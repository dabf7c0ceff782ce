import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { ActDialog, type Signed } from './act-dialog.tsx';
import { ActButton } from './read-only.tsx';

/** Something that an operator can do. */
export interface Act {
  /** The word on its button. */
  readonly name: string;
  /** The heading of its dialog. */
  readonly title: string;
  readonly explanation: string;
  /** Rejects with what the server refuses. */
  readonly act: (signed: Signed) => Promise<unknown>;
  /** What else the dialog asks for. */
  readonly fields?: () => ComponentChildren;
}

/** Buttons for acts. Each asks who acts and why, about the state as it was when somebody chose the act. */
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
