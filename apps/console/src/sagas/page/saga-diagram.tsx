import { Sign, Status } from '../../kit/status.tsx';
import { count } from '../../kit/words.ts';
import type { Card, Drawn, Row } from './diagram-model.ts';

/** A definition from its start down, and its compensations on the way back up beside it. */
export const SagaDiagram = ({ rows }: { readonly rows: readonly Row[] }) => (
  <div class="diagram" tabIndex={0} role="region" aria-label="diagram">
    <ol>
      {rows.map(({ down, up, phase }, index) => (
        <li key={index} class={`row ${phase}${up.some(({ kind }) => kind === 'undo') ? ' undone' : ''}`}>
          <div class="down">
            <Part drawn={down} />
          </div>
          <div class="up">
            {up.map((card) => (
              <CardView key={card.name} card={card} />
            ))}
          </div>
          {phase === 'pivot' && (
            <p class="no-return">
              <span>
                <strong>Point of no return:</strong> nothing is undone from here on
              </span>
            </p>
          )}
        </li>
      ))}
    </ol>
  </div>
);

function Part({ drawn }: { readonly drawn: Drawn }) {
  if (!('paths' in drawn)) return <CardView card={drawn} />;
  return (
    <div class="fork">
      <strong class="pill">{drawn.title}</strong>
      <ol>
        {drawn.paths.map(({ label, drawn: parts }, index) => (
          <li key={index} class="path">
            {label !== '' && <span class="pill">{label}</span>}
            {parts.map((part, place) => (
              <Part key={place} drawn={part} />
            ))}
          </li>
        ))}
      </ol>
    </div>
  );
}

const kinds: Readonly<Partial<Record<Card['kind'], string>>> = {
  step: 'step',
  inform: 'informs',
  pivot: 'pivot',
  retriable: 'retriable',
  wait: 'waits for a message',
  delay: 'waits',
  fail: 'undoes the saga',
};

function CardView({ card }: { readonly card: Card }) {
  const { kind, name, replies = [], facts = [], waiting } = card;
  if (kind === 'end')
    return (
      <div class="pill">
        <Status of={name} />
      </div>
    );
  return (
    <div class={`card ${kind}${waiting === undefined ? '' : ' busy'}`}>
      {waiting !== undefined && (
        <a class="here" href={waiting.href}>
          {count(waiting.instances)} {waiting.instances === 1 ? 'waits' : 'wait'} here
        </a>
      )}
      {kind === 'undo' && <Sign tone="undoing" />}
      <strong>{name}</strong> <span class="quiet">{kinds[kind]}</span>
      <ul class="replies">
        {replies.map(({ type, topic, leadsOn }) => (
          <li key={type} title={`on ${topic}`}>
            <Sign tone={leadsOn ? 'done' : 'failed'} />
            <span>{breakable(type)}</span>
          </li>
        ))}
      </ul>
      {facts.map((fact) => (
        <p key={fact}>{fact}</p>
      ))}
    </div>
  );
}

/** Allows a line break before each word of a name, so that it fits into a narrow path. */
const breakable = (name: string) =>
  name.split(/(?<=[a-z])(?=[A-Z])/).flatMap((word) => [<wbr key={word} />, word]);
