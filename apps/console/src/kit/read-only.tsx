import type { ComponentChildren } from 'preact';
import { session } from './session.ts';

interface ActButtonProps {
  readonly onClick: () => void;
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
}

/** A button that changes something. It is disabled in a read-only console. */
export function ActButton({ onClick, children, disabled = false }: ActButtonProps) {
  const readOnly = session.value?.readOnly === true;
  return (
    <button
      type="button"
      onClick={onClick}
      disabled={disabled || readOnly}
      title={readOnly ? 'the console is read-only' : undefined}
    >
      {children}
    </button>
  );
}
