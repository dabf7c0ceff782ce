import { useSignal } from '@preact/signals';
import type { SchemaCheck, ShownSubject, ShownVersion, SubjectList } from '../../api/schemas.ts';
import { QueryField, Select, named } from '../../kit/fields.tsx';
import { JsonView } from '../../kit/json-view.tsx';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf } from '../../kit/router.ts';
import { postJson } from '../../kit/session.ts';
import { Facts, LivePage, Missing, Panel, Problem } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, many } from '../../kit/words.ts';

/** The subjects of the schema registry. */
export const SubjectsPage = () => (
  <LivePage title="Schemas" live={useLive<SubjectList>('/api/schemas/live').value}>
    {({ subjects, missing }) => {
      const wanted = queryOf('name').toLowerCase();
      const found = subjects.filter((subject) => subject.toLowerCase().includes(wanted));
      return (
        <>
          <Missing sentences={missing} />
          <div class="fields">
            <QueryField label="Name contains" name="name" placeholder="order" />
          </div>
          <Panel title={many(found.length, 'subject')}>
            <Table
              label="subjects"
              columns={columns}
              rows={found}
              keyOf={(subject) => subject}
              empty="There is no subject"
            >
              <p>
                <code>npm start -- --with registry</code> starts a schema registry.
              </p>
            </Table>
          </Panel>
        </>
      );
    }}
  </LivePage>
);

const columns: readonly Column<string>[] = [
  { name: 'Subject', cell: (subject) => <a href={pathTo('schemas', subject)}>{subject}</a> },
];

/** The versions of a subject, each with what it has changed, and a check of another schema. */
export const SubjectPage = ({ subject }: { readonly subject: string }) => (
  <LivePage
    title={<Trail from={['/schemas', 'Schemas']} here={subject} />}
    live={useLive<ShownSubject>(`/api${pathTo('schemas', 'live', subject)}`).value}
    instead={<a href="/schemas">Show all subjects</a>}
  >
    {({ compatibility, versions, earlierVersions }) => (
      <>
        <Facts of={{ Compatibility: compatibility, Versions: count(versions.length + earlierVersions) }} />
        {versions.map((version) => (
          <Version key={version.version} version={version} />
        ))}
        {earlierVersions > 0 && (
          <p class="more">{count(earlierVersions)} earlier versions are not shown here</p>
        )}
        <Check subject={subject} />
      </>
    )}
  </LivePage>
);

const Version = ({ version: { version, id, type, schema, changes } }: { readonly version: ShownVersion }) => (
  <Panel title={`Version ${version}`} aside={`id ${id}, ${type}`}>
    {changes.length > 0 && (
      <details open>
        <summary>What it has changed</summary>
        <JsonView value={changes.join('\n')} />
      </details>
    )}
    <details open={changes.length === 0}>
      <summary>The whole schema</summary>
      <JsonView value={schema} />
    </details>
  </Panel>
);

function Check({ subject }: { readonly subject: string }) {
  const schema = useSignal('');
  const type = useSignal('AVRO');
  const answer = useSignal<SchemaCheck | undefined>(undefined);
  const problem = useSignal('');
  const ask = async (event: Event) => {
    event.preventDefault();
    problem.value = '';
    answer.value = undefined;
    try {
      const order = { schema: schema.value, type: type.value };
      answer.value = await postJson<SchemaCheck>(pathTo('api', 'schemas', 'check', subject), order);
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  return (
    <Panel title="Check a schema" aside="This registers nothing">
      <form class="check" onSubmit={(event) => void ask(event)}>
        <Select
          label="Type"
          value={type.value}
          options={named(['AVRO', 'JSON'])}
          chosen={(one) => (type.value = one)}
        />
        <label>
          Schema
          <textarea
            required
            rows={8}
            value={schema.value}
            onInput={({ currentTarget }) => (schema.value = currentTarget.value)}
          />
        </label>
        <button type="submit">Check</button>
      </form>
      <Problem says={problem.value} />
      {answer.value !== undefined && (
        <p role="status">
          {answer.value.accepted ? `${subject} accepts the schema` : `${subject} refuses the schema`}
        </p>
      )}
      {answer.value?.reasons.map((reason) => (
        <p key={reason} class="quiet">
          {reason}
        </p>
      ))}
    </Panel>
  );
}
