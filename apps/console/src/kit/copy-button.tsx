import { useSignal } from '@preact/signals';

const saidMs = 2_000;

/** Copies a text, and shows whether the browser allowed it. */
export function CopyButton({ label, text }: { readonly label: string; readonly text: () => string }) {
  const said = useSignal('');
  const copy = async () => {
    said.value = await navigator.clipboard.writeText(text()).then(
      () => 'copied',
      () => 'the browser refused',
    );
    setTimeout(() => (said.value = ''), saidMs);
  };
  return (
    <button type="button" onClick={() => void copy()} aria-live="polite">
      {said.value || label}
    </button>
  );
}
