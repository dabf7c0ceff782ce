/** Data as indented JSON. Whatever it contains is shown as text. */
export const JsonView = ({ value }: { readonly value: unknown }) => (
  <pre class="json" tabIndex={0}>
    {typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}
  </pre>
);

/** Data on one line, and as indented JSON when it is opened. */
export function JsonLine({ value }: { readonly value: unknown }) {
  const line = JSON.stringify(value) ?? '';
  if (line === '{}') return <span class="quiet">–</span>;
  if (line.length < 70) return <code>{line}</code>;
  return (
    <details class="line">
      <summary>
        <code>{line.slice(0, 160)}</code>
      </summary>
      <JsonView value={value} />
    </details>
  );
}
