import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FaultView } from '../../api/overview.ts';
import { Time } from '../../kit/clock.tsx';
import { Empty, Loading, Panel } from '../../kit/states.tsx';
import { Sign } from '../../kit/status.tsx';
import { entriesIn, nameOf, pageOf, type Entry, type Word } from './runbook-model.ts';

/** The entries of the document, which are loaded when they are first shown. */
const entries = signal<readonly Entry[] | undefined>(undefined);

async function loadEntries(): Promise<void> {
  const { default: text } = await import('../../../../../docs/OPERATIONS.md');
  entries.value = entriesIn(text);
}

interface Given {
  readonly faults: readonly FaultView[];
}

/** What to do about a fault: the entry of the runbook, with where it is seen now. */
export function RunbookEntryPage({ rule, faults }: Given & { readonly rule: string }) {
  useEffect(() => void loadEntries(), []);
  const entry = entries.value?.find((one) => one.rule === rule);
  const here = faults.filter((fault) => fault.rule === rule);
  return (
    <>
      <h1>
        <a href="/runbook">Runbook</a> / {nameOf(rule)}
      </h1>
      <Panel
        title={here.length === 0 ? 'It is not seen now' : 'Where it is seen now'}
        aside={<a href={pageOf(rule)}>Show what it is about</a>}
      >
        {here.length === 0 ? (
          <Empty title="Nothing is wrong here at this moment" />
        ) : (
          <Faults faults={here} />
        )}
      </Panel>
      <Panel title="What to do" aside="the commands follow npm run millrace --">
        <div class="body prose">
          {entries.value === undefined ? (
            <Loading />
          ) : entry === undefined ? (
            <Empty title="The runbook has no such entry" />
          ) : (
            <Blocks entry={entry} />
          )}
        </div>
      </Panel>
    </>
  );
}

/** All entries, those that are needed now first. */
export function RunbookPage({ faults }: Given) {
  useEffect(() => void loadEntries(), []);
  const isNow = (rule: string) => faults.some((fault) => fault.rule === rule);
  const all = [...(entries.value ?? [])].sort(
    (one, other) => Number(isNow(other.rule)) - Number(isNow(one.rule)),
  );
  return (
    <>
      <h1>Runbook</h1>
      <Panel title="What to do when">
        {entries.value === undefined ? (
          <Loading />
        ) : (
          <ul class="checks">
            {all.map(({ rule, blocks }) => (
              <li key={rule}>
                <Sign tone={isNow(rule) ? 'failed' : 'idle'} />
                <span>
                  <strong>
                    <a href={`/runbook/${rule}`}>{nameOf(rule)}</a>
                  </strong>
                  <span class="quiet">{firstSentence(blocks)}</span>
                </span>
              </li>
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function firstSentence(blocks: Entry['blocks']): string {
  const [first] = blocks;
  const text = first?.kind === 'paragraph' ? first.words.map((word) => word.text).join('') : '';
  return /^.*?\.(?=\s|$)/.exec(text)?.[0] ?? text;
}

export function Faults({ faults, links = false }: Given & { readonly links?: boolean }) {
  return (
    <ul class="checks">
      {faults.map(({ rule, place, detail, since }) => (
        <li key={`${rule} ${place}`} class="broken">
          <Sign tone="failed" />
          <span>
            <strong>{links ? <a href={`/runbook/${rule}`}>{nameOf(rule)}</a> : place}</strong>
            <span class="quiet">
              {links && `${place}: `}
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

const Blocks = ({ entry }: { readonly entry: Entry }) => (
  <>
    {entry.blocks.map((block, index) =>
      block.kind === 'paragraph' ? (
        <p key={index}>
          <Words words={block.words} />
        </p>
      ) : (
        <ul key={index} class="points">
          {block.items.map((words, item) => (
            <li key={item}>
              <Words words={words} />
            </li>
          ))}
        </ul>
      ),
    )}
  </>
);

const Words = ({ words }: { readonly words: readonly Word[] }) => (
  <>
    {words.map((word, index) => {
      if (word.kind === 'code') return <code key={index}>{word.text}</code>;
      if (word.kind !== 'link') return word.text;
      return (
        <span key={index} title={`docs/${word.target}`}>
          {word.text} (<code>docs/{word.target.replace(/^#/, 'OPERATIONS.md#')}</code>)
        </span>
      );
    })}
  </>
);
