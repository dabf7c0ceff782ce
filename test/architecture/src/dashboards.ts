import { filesEndingIn, readText } from './workspace.ts';

/** A query of a dashboard, and the labels that the text beside its lines names. */
export interface DashboardQuery {
  /** The dashboard and its panel, variable or annotation. */
  readonly place: string;
  readonly expression: string;
  readonly named: readonly string[];
}

interface Panel {
  readonly title: string;
  readonly targets?: ReadonlyArray<{ readonly expr: string; readonly legendFormat: string }>;
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: {
    readonly list: ReadonlyArray<{
      readonly name: string;
      readonly type: string;
      readonly definition?: string;
    }>;
  };
  readonly annotations: { readonly list: ReadonlyArray<{ readonly name: string; readonly expr: string }> };
}

const namedIn = (text: string): readonly string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);

/** Every query of the dashboards for Grafana. That of a variable is the metric, and it names the label. */
export const dashboardQueries = (): readonly DashboardQuery[] =>
  filesEndingIn('.json', 'deploy/grafana/dashboards').flatMap((file) => {
    const { title, panels, templating, annotations } = JSON.parse(readText(file)) as Dashboard;
    const ofPanels = panels.flatMap(({ title: panel, targets = [] }) =>
      targets.map(({ expr: expression, legendFormat }) => ({
        place: `${title} > ${panel}`,
        expression,
        named: namedIn(legendFormat),
      })),
    );
    const ofVariables = templating.list.flatMap(({ name, definition = '' }) => {
      const [, expression, label] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      if (expression === undefined || label === undefined) return [];
      return [{ place: `${title} > $${name}`, expression, named: [label] }];
    });
    const ofAnnotations = annotations.list.map(({ name, expr: expression }) => ({
      place: `${title} > ${name}`,
      expression,
      named: [],
    }));
    return [...ofPanels, ...ofVariables, ...ofAnnotations];
  });

/** The expression with values in place of Grafana's variables, as Prometheus gets it. */
export const withoutVariables = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, 'x');

const words = 'and|or|unless|on|ignoring|group_left|group_right|offset|bool';

interface Read {
  /** The metrics, each with the labels by which it is selected. */
  readonly metrics: ReadonlyArray<{ readonly name: string; readonly selectedBy: readonly string[] }>;
  readonly groupedBy: readonly string[];
}

/** What an expression of Prometheus reads. */
export function readBy(expression: string): Read {
  const grouping = /\b(?:by|without)\s*\(([^)]*)\)/g;
  const plain = withoutVariables(expression).replaceAll(/"[^"]*"/g, '""');
  const groupedBy = [...plain.matchAll(grouping)].flatMap(([, list = '']) => list.match(/\w+/g) ?? []);
  const selectors = plain
    .replaceAll(grouping, ' ')
    .replaceAll(/\[\w+\]/g, ' ')
    .matchAll(/(?<![\w.])([a-zA-Z_]\w*)(?!\w*\s*\()(?:\{([^}]*)\})?/g);
  const metrics = [...selectors]
    .filter(([, name = '']) => !new RegExp(`^(?:${words})$`).test(name))
    .map(([, name = '', matchers = '']) => ({
      name,
      selectedBy: [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }));
  return { metrics, groupedBy };
}
