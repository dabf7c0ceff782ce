import { useSignal } from '@preact/signals';
import type { ComponentProps } from 'preact';
import type { LetterView } from '@millrace/operations/contract';
import type { ShownLetter } from '../../api/dead-letters.ts';
import { Time } from '../../kit/clock.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { Trail } from '../../kit/links.tsx';
import { DecideButton } from './decide-dialog.tsx';
import { EditLetter } from './edit-letter.tsx';
import { dataOf } from './letters-model.ts';

const others = <a href="/dead-letters">Show the others</a>;

/** One letter: its reason, its contents, and the actions of an operator. */
export function LetterPage({ service, id }: { readonly service: string; readonly id: string }) {
  const live = useLive<ShownLetter>(pathTo('api', 'dead-letters', 'live', service, id)).value;
  return (
    <LivePage
      title={<Trail from={['/dead-letters', 'Dead letters']} here={service} id={id} />}
      live={live}
      aside={({ gone, letter }) => <Status of={gone ? 'decided' : (letter?.decision?.decision ?? 'open')} />}
      instead={others}
    >
      {(shown) => (
        <>
          {shown.gone && (
            <p class="stale" role="status">
              The service does not have this letter any more. It deletes letters that are decided once those
              before them are decided, too. {others}
            </p>
          )}
          {shown.letter !== undefined && <Contents letter={shown.letter} shown={shown} />}
        </>
      )}
    </LivePage>
  );
}

interface ContentsProps {
  readonly shown: ShownLetter;
  readonly letter: LetterView;
}

function Contents({ shown, letter }: ContentsProps) {
  const { reason, decision, value, headers, stack } = letter;
  const edits = useSignal(false);
  const isOpen = decision === null && !shown.gone;
  return (
    <>
      <Panel
        title="Why it was given up"
        aside={isOpen && <Decisions shown={shown} letter={letter} edit={() => (edits.value = true)} />}
      >
        <div class="body">
          <p>
            <strong>{reason}</strong>
          </p>
          {decision !== null && (
            <p>
              {decision.actor} has {decision.decision} it <Time at={decision.decidedAt} />: {decision.reason}
              {decision.edited.length > 0 && <> (changed: {decision.edited.join(', ')})</>}
            </p>
          )}
          <Facts of={factsOf(letter, shown)} />
        </div>
      </Panel>
      {edits.value && isOpen ? (
        <EditLetter service={shown.service} letter={letter} close={() => (edits.value = false)} />
      ) : (
        <Panel title="Value">
          <div class="body">
            {value === null && <p class="quiet">It has no value: it is a tombstone.</p>}
            {value !== null && <JsonView value={dataOf(value)} />}
          </div>
        </Panel>
      )}
      <Panel title="Headers">
        <Table
          label="headers"
          columns={headerColumns}
          rows={Object.entries(headers)}
          keyOf={([name]) => name}
        />
      </Panel>
      {stack !== '' && (
        <Panel title="Stack of the error">
          <div class="body">
            <JsonView value={stack} />
          </div>
        </Panel>
      )}
    </>
  );
}

const headerColumns: readonly Column<readonly [name: string, text: string]>[] = [
  { name: 'Name', cell: ([name]) => <code>{name}</code> },
  { name: 'Value', wide: true, cell: ([, text]) => <code>{text}</code> },
];

function Decisions({ shown, letter, edit }: ContentsProps & { readonly edit: () => void }) {
  const { service, redrivesMax } = shown;
  const isSpent = letter.redrives >= redrivesMax;
  const name = [service, letter.id] as const;
  return (
    <span class="buttons">
      <DecideButton disabled={isSpent} order={{ decision: 'redrive', letter: name }}>
        Redrive
      </DecideButton>
      <ActButton disabled={isSpent || letter.value === null} onClick={edit}>
        Edit and redrive
      </ActButton>
      <DecideButton order={{ decision: 'discard', letter: name }}>Discard</DecideButton>
    </span>
  );
}

function factsOf(letter: LetterView, shown: ShownLetter): ComponentProps<typeof Facts>['of'] {
  const { redrives, headers } = letter;
  const { service, redrivesMax } = shown;
  const correlationId = headers['ce_correlationid'];
  return {
    'Given up': <Time at={letter.at} />,
    Attempts: letter.attempts,
    Redrives: `${redrives} of ${redrivesMax}${redrives < redrivesMax ? '' : ': it cannot be redriven again'}`,
    Group: letter.group,
    Service: service,
    Topic: letter.topic,
    Type: letter.type,
    Key: letter.key,
    'Message id': letter.messageId,
    'Correlation id': correlationId && <a href={pathTo('trace', correlationId)}>{correlationId}</a>,
  };
}
