import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FaultView } from '../../api/overview.ts';
import { Time } from '../../kit/clock.tsx';
import { Empty, Loading, Panel } from '../../kit/states.tsx';
import { Sign } from '../../kit/status.tsx';
import { Trail } from '../../kit/links.tsx';
import { entriesIn, nameOf, pageOf, pathOf, type Entry, type Word } from './runbook-model.ts';

const entries = signal<readonly Entry[] | undefined>(undefined);

/** The entries of the document, which is loaded when they are first shown. */
function useEntries(): readonly Entry[] | undefined {
  useEffect(() => {
    void import('../../../../../docs/operations/what-to-do.md').then(({ default: text }) => {
      entries.value = entriesIn(text);
    });
  }, []);
  return entries.value;
}

interface Given {
  readonly faults: readonly FaultView[] | undefined;
}

/** What to do about a fault: the entry of the runbook, and the present places of the fault. */
export function RunbookEntryPage({ rule, faults }: Given & { readonly rule: string }) {
  const all = useEntries();
  const entry = all?.find((one) => one.rule === rule);
  const here = faults?.filter((fault) => fault.rule === rule);
  return (
    <>
      <h1>
        <Trail from={['/runbook', 'Runbook']} here={nameOf(rule)} />
      </h1>
      <Panel title="Where it is seen now" aside={<a href={pageOf(rule)}>Show what it is about</a>}>
        {here === undefined ? (
          <Loading rows={1} />
        ) : here.length === 0 ? (
          <Empty title="Nowhere: nothing is wrong here at this moment" />
        ) : (
          <Faults faults={here} />
        )}
      </Panel>
      <Panel title="What to do" aside="the commands follow npm run millrace --">
        <div class="body prose">
          {all === undefined && <Loading />}
          {all !== undefined && entry === undefined && <Empty title="The runbook has no such entry" />}
          {entry?.blocks.map((block, index) => (
            <BlockView key={index} block={block} />
          ))}
        </div>
      </Panel>
    </>
  );
}

/** All entries, those that are needed now first. */
export function RunbookPage({ faults }: Given) {
  const isNow = ({ rule }: Entry) => faults?.some((fault) => fault.rule === rule) === true;
  const all = useEntries()?.toSorted((one, other) => Number(isNow(other)) - Number(isNow(one)));
  return (
    <>
      <h1>Runbook</h1>
      <Panel title="What to do when">
        {all === undefined || faults === undefined ? (
          <Loading />
        ) : (
          <ul class="checks">
            {all.map((entry) => (
              <li key={entry.rule}>
                <Sign tone={isNow(entry) ? 'failed' : 'idle'} />
                <span>
                  <strong>
                    <a href={`/runbook/${entry.rule}`}>{nameOf(entry.rule)}</a>
                  </strong>
                  <span class="quiet">{firstSentence(entry)}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function firstSentence({ blocks: [first] }: Entry): string {
  const text = first?.kind === 'paragraph' ? first.words.map((word) => word.text).join('') : '';
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

/** Writes labels such as `group=order topic=order-events` in words. */
const placeInWords = (place: string): string => place.replaceAll(' ', ', ').replaceAll('=', ' ');

interface FaultsProps {
  readonly faults: readonly FaultView[];
  /** Whether each leads to its entry. */
  readonly links?: boolean;
}

export function Faults({ faults, links = false }: FaultsProps) {
  return (
    <ul class="checks">
      {faults.map(({ rule, place, detail, since }) => (
        <li key={`${rule} ${place}`} class="broken">
          <Sign tone="failed" />
          <span>
            <strong>{links ? <a href={`/runbook/${rule}`}>{nameOf(rule)}</a> : placeInWords(place)}</strong>
            <span class="quiet">
              {links && `${placeInWords(place)}: `}
              {detail}
              {since !== null && ', '}
              {since !== null && <Time at={since} />}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const BlockView = ({ block }: { readonly block: Entry['blocks'][number] }) =>
  block.kind === 'paragraph' ? (
    <p>
      <Words words={block.words} />
    </p>
  ) : (
    <ul class="points">
      {block.items.map((words, index) => (
        <li key={index}>
          <Words words={words} />
        </li>
      ))}
    </ul>
  );

const Words = ({ words }: { readonly words: readonly Word[] }) => (
  <>
    {words.map((word, index) => {
      if (word.kind === 'code') return <code key={index}>{word.text}</code>;
      if (word.kind !== 'link') return word.text;
      return (
        <span key={index} title={pathOf(word.target)}>
          {word.text} (<code>{pathOf(word.target)}</code>)
        </span>
      );
    })}
  </>
);
